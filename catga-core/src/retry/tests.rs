use std::time::Duration;

use crate::error::{Code, Error};
use crate::handler::HandlerInfo;
use crate::message::MessageId;

use super::policy::Retries;
use super::*;

const HANDLER: HandlerInfo = HandlerInfo::new("print", "printer.rs", 1);
/// Without jitter, so that delays can be told exactly.
const EXACT: Retry = Retry::DEFAULT.jitter(0);

fn after(retry: Retry, error: &Error, attempt: u32, came: Came) -> Next {
    let mut failure = Failure::new(&HANDLER, MessageId::from_uuid(uuid::Uuid::from_u128(7)), error);
    (failure.attempt, failure.came) = (attempt, came);
    retry.next(&failure)
}

fn stored(retry: Retry, error: &Error, attempts: impl IntoIterator<Item = u32>) -> Vec<Next> {
    attempts.into_iter().map(|attempt| after(retry, error, attempt, Came::Stored)).collect()
}

fn out_of_paper() -> Error {
    Error::unavailable("the printer is out of paper")
}

fn later(millis: u64) -> Next {
    Next::Later(Duration::from_millis(millis))
}

#[test]
fn two_attempts_follow_at_once_then_delays_double_and_the_tenth_is_the_last() {
    let (now, dead) = (Next::Now, Next::Dead);
    let [a, b, c, d, e, f, g] = [100, 200, 400, 800, 1_600, 3_200, 6_400].map(later);
    let expected = vec![now, now, a, b, c, d, e, f, g, dead, dead];
    assert_eq!(stored(EXACT, &out_of_paper(), 1..=11), expected);
}

#[test]
fn a_delay_grows_no_further_than_the_longest() {
    let retry = EXACT.attempts(u32::MAX).longest(Duration::from_secs(5));
    let expected = vec![later(3_200), later(5_000), later(5_000), later(5_000)];
    assert_eq!(stored(retry, &out_of_paper(), [8, 9, 100, u32::MAX - 1]), expected);
    let week = Next::Later(Duration::from_secs(7 * 24 * 60 * 60));
    let endless = EXACT.first(Duration::MAX).longest(Duration::MAX);
    assert_eq!(stored(endless, &out_of_paper(), [3]), [week]);
    assert!(matches!(stored(endless.jitter(u32::MAX), &out_of_paper(), [3])[..], [Next::Later(_)]));
}

#[test]
fn a_request_that_somebody_waits_for_has_three_attempts_at_once() {
    let sent: Vec<_> = (1..=4).map(|attempt| after(EXACT, &out_of_paper(), attempt, Came::Sent)).collect();
    assert_eq!(sent, [Next::Now, Next::Now, Next::Dead, Next::Dead]);
    assert_eq!(after(EXACT.attempts_of_sent(4), &out_of_paper(), 3, Came::Sent), later(100));
    assert_eq!(after(EXACT.attempts(2), &out_of_paper(), 2, Came::Sent), Next::Dead);
}

#[test]
fn what_a_retry_cannot_help_is_dead_at_once() {
    for code in Code::ALL.iter().filter(|code| !code.can_retry() && **code != Code::SchemaMismatch) {
        assert_eq!(stored(EXACT, &Error::new(*code, "no"), [1]), [Next::Dead], "{code}");
    }
    assert_eq!(stored(EXACT, &out_of_paper().retryable(false), [1]), [Next::Dead]);
}

#[test]
fn a_body_that_cannot_be_decoded_is_dead_at_once_and_a_panic_is_retried() {
    let body = Error::new(Code::Codec, "these bytes are no order");
    let panic = Error::internal("`print` panicked: no paper").retryable(true);
    assert_eq!(stored(EXACT, &body, [1]), [Next::Dead]);
    assert_eq!(stored(EXACT, &panic, [1]), [Next::Now]);
}

#[test]
fn a_schema_mismatch_waits_until_the_planned_delays_have_passed_the_grace_period() {
    let mismatch = Error::new(Code::SchemaMismatch, "another shape");
    let mut waited = Duration::ZERO;
    for attempt in 1.. {
        match stored(EXACT.attempts(1), &mismatch, [attempt])[..] {
            [Next::Later(delay)] => waited += delay,
            ref other => {
                assert_eq!(other, [Next::Dead]);
                break;
            }
        }
    }
    let (grace, longest) = (Duration::from_secs(600), Duration::from_secs(30));
    assert!((grace..grace + longest).contains(&waited), "{waited:?}");
    assert_eq!(stored(EXACT, &mismatch, [1, 2, 12]), [later(100), later(200), later(30_000)]);
    assert_eq!(stored(EXACT, &mismatch, [u32::MAX]), [Next::Dead]);
    assert_eq!(stored(EXACT.grace(Duration::ZERO), &mismatch, [1]), [Next::Dead]);
}

#[test]
fn a_request_of_another_shape_is_refused_at_once_so_that_it_is_sent_again_with_names() {
    let mismatch = Error::new(Code::SchemaMismatch, "another shape");
    assert_eq!(after(EXACT, &mismatch, 1, Came::Sent), Next::Dead);
}

#[test]
fn a_handler_that_is_never_retried_still_awaits_a_rollout() {
    assert_eq!(stored(Retry::NEVER, &out_of_paper(), [1]), [Next::Dead]);
    let mismatch = Error::new(Code::SchemaMismatch, "another shape");
    assert!(matches!(stored(Retry::NEVER, &mismatch, [1])[..], [Next::Later(_)]));
}

#[test]
fn jitter_spreads_delays_within_its_bounds_and_is_the_same_each_time() {
    let error = out_of_paper();
    let mut seen = std::collections::BTreeSet::new();
    for message in 0..1_000 {
        let mut failure = Failure::new(&HANDLER, MessageId::from_uuid(uuid::Uuid::from_u128(message)), &error);
        failure.attempt = 3;
        let next = Retry::DEFAULT.next(&failure);
        assert_eq!(next, Retry::DEFAULT.next(&failure));
        let Next::Later(delay) = next else { panic!("{next:?}") };
        assert!((Duration::from_millis(80)..=Duration::from_millis(120)).contains(&delay), "{delay:?}");
        seen.insert(delay);
    }
    assert!(seen.len() > 900, "{}", seen.len());
    assert!(seen.first() < Some(&Duration::from_millis(82)) && seen.last() > Some(&Duration::from_millis(118)));
}

#[test]
fn the_handlers_own_policy_comes_before_the_messages_and_that_before_the_nodes() {
    #[derive(crate::Event, Clone, serde::Serialize, serde::Deserialize)]
    struct Printed;

    const DROPS: &dyn Policy = &|_: &Failure<'_>| Next::Drop;
    let error = out_of_paper();
    let of_another = HandlerInfo::new("scan", "scanner.rs", 1);
    let of_printed = HandlerInfo { message: "Printed", ..HANDLER };
    let own = of_printed.retry(DROPS);
    let asked = |retries: &Retries| {
        [own, of_printed, of_another].map(|info| retries.next(&Failure::new(&info, MessageId::new(), &error)))
    };
    let mut retries = Retries::default();
    assert_eq!(asked(&retries), [Next::Drop, Next::Now, Next::Now]);
    retries.set(Retry::NEVER);
    assert_eq!(asked(&retries), [Next::Drop, Next::Dead, Next::Dead]);
    retries.set_for::<Printed>(EXACT.immediate(0));
    assert_eq!(asked(&retries), [Next::Drop, later(100), Next::Dead]);
}

#[test]
fn the_default_decides_in_place_of_a_policy_that_panics() {
    let mut retries = Retries::default();
    retries.set(|_: &Failure<'_>| panic!("I can't decide"));
    let error = out_of_paper();
    assert_eq!(retries.next(&Failure::new(&HANDLER, MessageId::new(), &error)), Next::Now);
}

#[test]
fn more_than_a_hundred_attempts_do_not_follow_at_once() {
    let mut retries = Retries::default();
    retries.set(|_: &Failure<'_>| Next::Now);
    let error = out_of_paper();
    let mut failure = Failure::new(&HANDLER, MessageId::new(), &error);
    failure.attempt = 99;
    assert_eq!(retries.next(&failure), Next::Now);
    failure.attempt = 100;
    assert_eq!(retries.next(&failure), later(1_000));
}
