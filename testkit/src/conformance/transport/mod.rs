//! What every transport must show, by its seam alone; for `catga_core::transport::InMemory`, for brokers, and for whatever else stands
//! behind [`Transport`](catga_core::transport::Transport).
//!
//! An implementation's tests provide a [`TransportHarness`] and say [`transport_suite!`](crate::transport_suite) once. Deliveries are counted
//! as they come and never deduplicated: what comes twice is seen.
//!
//! These properties of transports aren't here:
//!
//! | property | where it stands, or why it doesn't |
//! | --- | --- |
//! | `duplicate_verdict_needs_stored_copy` | a broker's cluster that changes its leader; for the tests of a transport that has one |
//! | `durability_level_stated` | power loss can't be had in a test; each transport's page says what `Ok` means |
//! | the broker's restart in `enqueue_ok_means_stored`, `ack_confirmed_is_final` and `retry_survives_restart` | `broker_restart_loses_nothing`, for harnesses that can restart one |
//! | a time in `replay_start_as_asked` | the seam knows places in the stream, no times |
//! | `config_drift_is_error` | the seam has no way to ask for another configuration; for the tests of a transport whose broker lets others change one |
//! | `republish_after_window_absorbed`, `attempts_increase` across the retries of a node, `context_travels`, `stop_waits_for_running`, `grace_over_cancels_without_blame`, `undecodable_dead_once` | need a node, with both seams |
//! | `dead_stored_before_removed`, `dead_keeps_cause_and_origin`, `dead_outlives_ttl`, `exhausted_crashes_reach_dead` | a dead letter is stored by the persistence, and the transport only told: a node's. What a transport owes is here: `crashes_never_lose_a_message` |
//! | `drain_bounded_when_backend_dead` | needs a node whose seams fail: the simulation |

mod contents;
mod events;
mod faults;
mod flow;
mod harness;
mod leaving;
mod members;
mod requests;
mod retries;
mod settling;
mod stage;
mod subscriptions;
mod work;

pub use contents::*;
pub use events::*;
pub use faults::*;
pub use flow::*;
pub use harness::{Connection, Cut, Faults, Limits, Pause, Restart, Skew, Timing, TransportHarness};
pub use leaving::*;
pub use members::*;
pub use requests::*;
pub use retries::*;
pub use settling::*;
pub use subscriptions::*;
pub use work::*;

/// Makes a test of each property of transports, for this [`TransportHarness`].
///
/// ```text
/// catga_testkit::transport_suite!(KafkaHarness);
/// ```
#[macro_export]
macro_rules! transport_suite {
    ($harness:ty) => {
        $crate::transport_suite! { @tests $harness:
            // Requests.
            request_gets_its_own_reply request_error_is_an_answer request_ends_at_deadline request_no_responder_fast
            request_late_reply_dropped expired_not_delivered working_comes_before_the_reply
            dropped_request_is_unknown_and_not_repeated requests_are_spread request_limit_never_exceeded
            slow_handler_starves_no_other
            // Enqueued commands.
            enqueue_ok_means_stored enqueue_refuses_instead_of_dropping enqueue_one_taker enqueue_same_id_stored_once
            dropped_call_is_ambiguous_not_corrupt enqueue_after_a_delay_is_on_time slow_command_starves_no_other
            concurrent_open_close_harmless
            // Events.
            publish_reaches_matching_subscriptions publish_no_subscriber_ok publish_batch_partial_failure order_per_origin
            sequence_is_the_same_for_all
            // Subscriptions.
            durable_resumes replay_start_as_asked history_ends_once_and_in_its_place gap_is_counted
            // Settling.
            unsettled_is_redelivered attempts_increase ack_confirmed_is_final stale_settlement_harmless
            still_working_extends still_working_dies_with_owner silence_gives_it_to_others expired_prefetch_not_run
            crashes_never_lose_a_message
            // Retries.
            retry_after_on_time longest_delay_is_told retry_survives_restart retry_does_not_block_neighbours
            long_delays_hold_no_slot retry_state_contained
            // Contents.
            body_bytes_identical headers_roundtrip_or_refused size_limit_exact
            // Flow.
            limit_reached_never_exceeded limit_is_reached_under_load slow_subscription_isolated dropped_next_loses_nothing
            // Leaving.
            prefetched_returned_at_once prefetched_requests_go_to_others left_is_refused
            // Members.
            names_are_unique_among_the_living a_request_has_one_owner work_follows_its_owner only_owners_take_requests
            clusters_are_apart
            // Faults.
            enqueue_lost_puback_retry publish_while_down_bounded reconnect_resumes_no_loss paused_node_harms_nobody
            broker_restart_loses_nothing wrong_node_clock_harmless
        }
    };
    (@tests $harness:ty: $($property:ident)+) => {$(
        #[test]
        fn $property() {
            let clock = <$harness as $crate::conformance::transport::TransportHarness>::CLOCK;
            let shown = $crate::conformance::transport::$property::<$harness>();
            $crate::conformance::run(clock, stringify!($property), shown);
        }
    )+};
}
