//! Where subscriptions begin, go on, and fall behind.

use catga_core::transport::{Arrival, Start};

use super::harness::{Limits, TransportHarness};
use super::stage::{Stage, number, ok, settled};

/// A service's subscription begins when it is opened for the first time, and goes on where it was when it is opened again, by
/// whichever node.
pub async fn durable_resumes<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let one = stage.node("one").await;
    one.publish([0]).await;
    let mut receipts = one.receipts(4).await;
    one.publish([1, 2]).await;
    assert_eq!(receipts.settle(2).await, [1, 2]);
    receipts.deliveries.close().await;
    one.publish([3]).await;
    assert_eq!(one.receipts(4).await.settle(1).await, [3]);
    drop(one);

    let two = stage.node("two").await;
    two.publish([4]).await;
    assert_eq!(two.receipts(4).await.drain().await, [4]);
}

/// A node's subscription begins with what comes now, with the first event that is kept, or at a place in the stream.
pub async fn replay_start_as_asked<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let one = stage.node("one").await;
    one.publish(0..4).await;
    let mut from_first = one.placed(Start::First, 8).await;
    let mut sequences = Vec::new();
    for body in 0..4 {
        let delivery = from_first.next().await;
        assert_eq!(number(delivery.envelope()), body);
        sequences.push(delivery.sequence().expect("an event has a sequence"));
        ok(delivery.settle().await);
    }
    let mut from_now = one.placed(Start::Now, 8).await;
    let mut from_third = one.placed(Start::At(sequences[2]), 8).await;
    let mut from_next = one.placed(Start::At(sequences[3] + 1), 8).await;
    one.publish([4]).await;
    assert_eq!(from_now.drain().await, [4]);
    assert_eq!(from_first.drain().await, [4]);
    assert_eq!(from_third.drain().await, [2, 3, 4]);
    assert_eq!(from_next.drain().await, [4]);
    for intake in [from_now, from_first, from_third, from_next] {
        assert_eq!(intake.deliveries.missed(), 0);
    }
}

/// A subscription that begins in the past is told once that the history is through: behind all that was stored before it was opened,
/// before all that came later. One that begins now isn't.
pub async fn history_ends_once_and_in_its_place<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let one = stage.node("one").await;
    let mut empty = one.placed(Start::First, 1).await;
    empty.caught_up().await;
    empty.deliveries.close().await;
    one.publish(0..2).await;
    let mut placed = one.placed(Start::First, 8).await;
    let first = placed.next().await.sequence().expect("an event has a sequence");
    placed.deliveries.close().await;
    for start in [Start::First, Start::At(first + 1), Start::Now] {
        let mut placed = one.placed(start, 8).await;
        one.publish([7]).await;
        let (mut before, mut after, mut ends) = (0, 0, 0);
        while let Some(arrival) = placed.arrival_within(H::TIMING.quiet).await {
            match arrival {
                Arrival::CaughtUp => ends += 1,
                Arrival::Delivery(delivery) => {
                    let count = if ends == 0 { &mut before } else { &mut after };
                    *count += 1;
                    settled(delivery).await;
                }
            }
        }
        match start {
            Start::First => assert_eq!((before, ends, after), (2, 1, 1)),
            // The second one, and the one that was published in the first round.
            Start::At(_) => assert_eq!((before, ends, after), (2, 1, 1)),
            Start::Now => assert_eq!((before, ends, after), (1, 0, 0)),
        }
        placed.deliveries.close().await;
    }
}

/// A subscription from which the history dropped something counts it as missed and goes on; one that kept up counts nothing.
pub async fn gap_is_counted<H: TransportHarness>() {
    let stage = Stage::<H>::with(Limits { history: 5, ..Limits::default() }).await;
    let one = stage.node("one").await;
    let (mut slow, mut fast) = (one.receipts(1).await, one.placed(Start::Now, 8).await);
    one.publish([0]).await;
    let at = fast.next().await.sequence().expect("an event has a sequence");
    let held = slow.next().await;
    let mut kept_up = fast.settle(1).await;
    for body in 1..12 {
        one.publish([body]).await;
        kept_up.extend(fast.settle(1).await);
    }
    assert_eq!(kept_up, Vec::from_iter(0..12));
    assert_eq!(fast.deliveries.missed(), 0);
    ok(held.settle().await);
    let rest = slow.drain().await;
    assert!(rest.ends_with(&[7, 8, 9, 10, 11]), "{rest:?}: what is kept comes");
    let lost = 11 - rest.len() as u64;
    assert!(slow.deliveries.missed() >= lost && (lost == 0 || slow.deliveries.missed() <= 11));

    let late = one.placed(Start::At(at + 1), 8).await;
    assert!(late.deliveries.missed() >= 6, "what was dropped from there on is missed");
    let from_kept = one.placed(Start::At(at + 7), 8).await;
    assert_eq!(from_kept.deliveries.missed(), 0);
}
