//! Deliveries that are put off.

use std::time::Duration;

use catga_core::envelope::Text;
use tokio::time::Instant;

use super::harness::TransportHarness;
use super::stage::{Stage, assert_on_time, command, number, ok, settled};

const SECOND: Duration = Duration::from_secs(1);

/// What is put off comes no sooner than asked for, late within bounds, and what is due sooner comes sooner.
pub async fn retry_after_on_time<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let mut work = one.work(4).await;
    for body in 0..2 {
        two.enqueue(body).await;
    }
    let start = Instant::now();
    for delay in [2 * SECOND, SECOND] {
        ok(work.next().await.retry_after(delay).await);
    }
    for (body, due) in [(1, SECOND), (0, 2 * SECOND)] {
        let delivery = work.next_within(due + H::TIMING.late).await;
        assert_on_time(start, due, H::TIMING.late);
        assert_eq!((number(delivery.envelope()), delivery.attempt()), (body, 2));
        ok(delivery.settle().await);
    }
    assert!(work.is_quiet().await);
}

/// A delay longer than the transport can keep is as long as that, and one within is kept.
pub async fn longest_delay_is_told<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let one = stage.node("one").await;
    let mut work = one.work(1).await;
    one.enqueue(7).await;
    let delivery = work.next().await;
    let longest = delivery.longest_delay();
    assert!(longest.is_none_or(|longest| longest >= SECOND), "{longest:?} is too short to be of use");
    ok(delivery.retry_after(SECOND).await);
    assert_eq!(settled(work.next_within(SECOND + H::TIMING.late).await).await, 7);
}

/// The delay outlives the node that asked for it: another one gets the message when it is due.
pub async fn retry_survives_restart<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let one = stage.node("one").await;
    let (mut work, mut receipts) = (one.work(1).await, one.receipts(1).await);
    one.enqueue(7).await;
    one.publish([8]).await;
    ok(work.next().await.retry_after(SECOND).await);
    ok(receipts.next().await.retry_after(SECOND).await);
    drop((work, receipts, one));
    let two = stage.node("two").await;
    for (mut intake, body) in [(two.work(1).await, 7), (two.receipts(1).await, 8)] {
        let delivery = intake.next_within(H::TIMING.death + SECOND + H::TIMING.late).await;
        assert_eq!((number(delivery.envelope()), delivery.attempt()), (body, 2));
        ok(delivery.settle().await);
    }
}

/// What is put off takes no place among those in flight.
pub async fn retry_does_not_block_neighbours<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let one = stage.node("one").await;
    let mut work = one.work(1).await;
    for body in 0..5 {
        one.enqueue(body).await;
    }
    ok(work.next().await.retry_after(30 * SECOND).await);
    assert_eq!(work.settle(4).await, [1, 2, 3, 4]);
}

/// A thousand that are put off don't keep the next one from coming.
pub async fn long_delays_hold_no_slot<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let one = stage.node("one").await;
    let mut work = one.work(8).await;
    for body in 0..1_000 {
        one.enqueue(body).await;
        ok(work.next().await.retry_after(300 * SECOND).await);
    }
    one.enqueue(7_777).await;
    assert_eq!(settled(work.next().await).await, 7_777);
}

/// The next attempt has the envelope that was sent, and nothing of the attempt before.
pub async fn retry_state_contained<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let one = stage.node("one").await;
    let mut work = one.work(1).await;
    let mut sent = command(7);
    sent.headers_mut().principal = Some(ok(Text::new("ada")));
    ok(one.link.enqueue(sent.clone(), Duration::ZERO).await);
    for attempt in 1..=3 {
        let delivery = work.next().await;
        assert_eq!((delivery.envelope(), delivery.attempt()), (&sent, attempt));
        ok(delivery.retry_after(Duration::ZERO).await);
    }
}
