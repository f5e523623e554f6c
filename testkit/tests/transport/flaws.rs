//! The suite finds each of these flaws, and none where there is none.

use std::num::NonZeroUsize;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use catga_core::envelope::{Answer, Envelope, Reply};
use catga_core::message::MessageId;
use catga_core::transport::{Source, Start, Subscription};
use catga_testkit::conformance::{self, Clock, Verdict};

use super::bent::{Bent, Flaw};

mod none {
    use super::*;

    #[derive(Default)]
    struct None;

    impl Flaw for None {}

    catga_testkit::transport_suite!(Bent<None>);
}

/// This property fails.
fn fails<V: Verdict>(name: &str, property: impl Future<Output = V>) {
    let shown = AssertUnwindSafe(|| conformance::run(Clock::Virtual, name, property));
    assert!(panic::catch_unwind(shown).is_err(), "`{name}` doesn't see the flaw");
}

/// A test for each flaw: that these properties fail.
macro_rules! caught {
    ($($test:ident: $flaw:ident by $($property:ident)+;)+) => {$(
        #[test]
        fn $test() {
            $(fails(stringify!($property), conformance::transport::$property::<Bent<$flaw>>());)+
        }
    )+};
}

caught! {
    a_command_that_is_lost: Loses by enqueue_ok_means_stored enqueue_one_taker;
    a_command_that_is_doubled: Doubles by enqueue_one_taker enqueue_same_id_stored_once dropped_call_is_ambiguous_not_corrupt;
    a_delivery_that_is_settled_early: SettlesEarly by unsettled_is_redelivered still_working_dies_with_owner;
    a_settlement_that_settles_nothing: NeverSettles by ack_confirmed_is_final;
    attempts_that_are_forgotten: ForgetsAttempts by attempts_increase unsettled_is_redelivered;
    a_delay_that_is_too_short: Hurries by retry_after_on_time enqueue_after_a_delay_is_on_time;
    a_delay_that_is_too_long: Dawdles by retry_after_on_time enqueue_after_a_delay_is_on_time;
    a_header_that_is_lost: LosesKeys by headers_roundtrip_or_refused unsettled_is_redelivered;
    a_body_that_is_trimmed: Trims by body_bytes_identical;
    one_more_than_the_limit: TakesMore by limit_reached_never_exceeded limit_is_reached_under_load request_limit_never_exceeded;
    one_fewer_than_the_limit: TakesFewer by limit_reached_never_exceeded limit_is_reached_under_load;
    a_batch_in_another_order: Reverses by order_per_origin;
    a_history_that_is_not_replayed: SkipsHistory by replay_start_as_asked history_ends_once_and_in_its_place;
    a_sequence_of_ones_own: CountsForItself by sequence_is_the_same_for_all;
    a_gap_that_is_hidden: HidesGaps by gap_is_counted;
    replies_that_are_swapped: Swaps by request_gets_its_own_reply;
    an_error_that_is_silence: KeepsErrors by request_error_is_an_answer;
    a_connection_that_stays_broken: StaysBroken by reconnect_resumes_no_loss publish_while_down_bounded broker_restart_loses_nothing paused_node_harms_nobody;
    handlers_of_which_one_gets_an_event: Shares by publish_reaches_matching_subscriptions;
}

#[derive(Default)]
struct Loses(AtomicU32);

impl Flaw for Loses {
    fn enqueued(&self, command: Envelope) -> Vec<Envelope> {
        if self.0.fetch_add(1, Ordering::SeqCst) % 7 == 6 { vec![] } else { vec![command] }
    }
}

#[derive(Default)]
struct Doubles;

impl Flaw for Doubles {
    fn enqueued(&self, command: Envelope) -> Vec<Envelope> {
        let mut copy = command.clone();
        copy.headers_mut().delivery_id = Some(MessageId::new());
        vec![command, copy]
    }
}

#[derive(Default)]
struct SettlesEarly;

impl Flaw for SettlesEarly {
    fn settles_early(&self) -> bool {
        true
    }
}

#[derive(Default)]
struct NeverSettles;

impl Flaw for NeverSettles {
    fn settles(&self) -> bool {
        false
    }
}

#[derive(Default)]
struct ForgetsAttempts;

impl Flaw for ForgetsAttempts {
    fn attempt(&self, _: u32) -> u32 {
        1
    }
}

#[derive(Default)]
struct Hurries;

impl Flaw for Hurries {
    fn delay(&self, delay: Duration) -> Duration {
        delay.mul_f64(0.9)
    }
}

#[derive(Default)]
struct Dawdles;

impl Flaw for Dawdles {
    fn delay(&self, delay: Duration) -> Duration {
        delay.mul_f64(1.1)
    }
}

#[derive(Default)]
struct LosesKeys;

impl Flaw for LosesKeys {
    fn arrives(&self, mut envelope: Envelope) -> Envelope {
        if envelope.headers().idempotency_key.is_some() {
            envelope.headers_mut().idempotency_key = None;
        }
        envelope
    }
}

#[derive(Default)]
struct Trims;

impl Flaw for Trims {
    fn arrives(&self, mut envelope: Envelope) -> Envelope {
        envelope.body = envelope.body.trim_ascii_end().to_vec().into();
        envelope
    }
}

#[derive(Default)]
struct TakesMore;

impl Flaw for TakesMore {
    fn subscription(&self, subscription: Subscription) -> Subscription {
        let in_flight = subscription.in_flight.saturating_add(1);
        Subscription { in_flight, ..subscription }
    }

    fn in_flight(&self, requests: NonZeroUsize) -> NonZeroUsize {
        requests.saturating_add(1)
    }
}

#[derive(Default)]
struct TakesFewer;

impl Flaw for TakesFewer {
    fn subscription(&self, subscription: Subscription) -> Subscription {
        let in_flight = NonZeroUsize::new(subscription.in_flight.get() - 1).unwrap_or(NonZeroUsize::MIN);
        Subscription { in_flight, ..subscription }
    }
}

#[derive(Default)]
struct Reverses;

impl Flaw for Reverses {
    fn published(&self, mut events: Vec<Envelope>) -> Vec<Envelope> {
        events.reverse();
        events
    }
}

#[derive(Default)]
struct SkipsHistory;

impl Flaw for SkipsHistory {
    fn subscription(&self, subscription: Subscription) -> Subscription {
        match subscription.source {
            Source::Node { events, .. } => {
                Subscription { source: Source::Node { events, start: Start::Now }, ..subscription }
            }
            source => Subscription { source, ..subscription },
        }
    }
}

#[derive(Default)]
struct CountsForItself(AtomicU64);

impl Flaw for CountsForItself {
    fn sequence(&self, sequence: Option<u64>) -> Option<u64> {
        sequence.map(|_| self.0.fetch_add(1, Ordering::SeqCst))
    }
}

#[derive(Default)]
struct HidesGaps;

impl Flaw for HidesGaps {
    fn missed(&self, _: u64) -> u64 {
        0
    }
}

#[derive(Default)]
struct Swaps(Mutex<Option<Reply>>);

impl Flaw for Swaps {
    fn reply(&self, reply: Reply) -> Option<Reply> {
        let last = self.0.lock().unwrap().replace(reply.clone());
        Some(last.unwrap_or(reply))
    }
}

#[derive(Default)]
struct KeepsErrors;

impl Flaw for KeepsErrors {
    fn reply(&self, reply: Reply) -> Option<Reply> {
        matches!(reply, Reply::Done(Answer { .. })).then_some(reply)
    }
}

#[derive(Default)]
struct StaysBroken;

impl Flaw for StaysBroken {
    fn reconnects(&self) -> bool {
        false
    }
}

#[derive(Default)]
struct Shares;

impl Flaw for Shares {
    fn subscription(&self, subscription: Subscription) -> Subscription {
        match subscription.source {
            Source::Service { event, .. } => {
                Subscription { source: Source::Service { event, handler: "any".to_owned() }, ..subscription }
            }
            source => Subscription { source, ..subscription },
        }
    }
}
