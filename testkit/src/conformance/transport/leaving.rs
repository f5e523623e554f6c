//! Nodes that close what they opened, and leave.

use std::time::Duration;

use catga_core::error::Code;
use catga_core::transport::{Source, Start, Subscription};
use tokio::time::Instant;

use super::harness::TransportHarness;
use super::stage::{
    Stage, answer, answered, assert_on_time, at_a_time, code, command, end, event, number, ok, refused, settled,
};

/// What waits at a node that closes its subscription or leaves goes to others at once, long before the node would be taken for dead.
/// What was handed out there can still be settled.
pub async fn prefetched_returned_at_once<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let (mut work, mut receipts) = (one.work(1).await, one.receipts(1).await);
    for body in 0..3 {
        two.enqueue(body).await;
    }
    two.publish(0..3).await;
    let (done, event_done) = (work.next().await, receipts.next().await);
    // Whatever is fetched ahead is by now.
    tokio::time::sleep(H::TIMING.quiet).await;
    let start = Instant::now();
    work.deliveries.close().await;
    ok(one.link.leave().await);
    let (mut of_two, mut receipts_of_two) = (two.work(4).await, two.receipts(4).await);
    assert_eq!(of_two.settle(2).await, [1, 2]);
    assert_eq!(receipts_of_two.settle(2).await, [1, 2]);
    assert_on_time(start, Duration::ZERO, H::TIMING.arrival);
    assert_eq!((settled(done).await, settled(event_done).await), (0, 0));
    assert!(of_two.is_quiet().await && receipts_of_two.is_quiet().await);
}

/// Requests that wait at a node which leaves go to others, or their callers learn that nothing ran; those it has it still answers.
pub async fn prefetched_requests_go_to_others<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let mut of_one = one.places(1).await;
    let with_one = two.ask(command(0)).await;
    let held = of_one.next().await;
    let waiting = two.ask(command(1)).await;
    let mut of_two = two.places(1).await;
    ok(one.link.leave().await);
    assert!(of_one.requests.next().await.is_none());
    let request = of_two.next().await;
    assert_eq!(number(request.envelope()), 1);
    ok(request.reply(answered(vec![1])).await);
    assert_eq!(answer(waiting).await, [1]);
    ok(held.reply(answered(vec![0])).await);
    assert_eq!(answer(with_one).await, [0]);

    let with_two = two.ask(command(2)).await;
    let held = of_two.next().await;
    let alone = two.ask(command(3)).await;
    of_two.requests.close().await;
    assert_eq!(end(alone).await, Code::Unavailable, "nothing ran");
    ok(held.reply(answered(vec![2])).await);
    assert_eq!(answer(with_two).await, [2]);
}

/// A member that has left gets nothing more, and is refused whatever it asks for; to leave twice is harmless.
pub async fn left_is_refused<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let (mut work, mut placed, mut places) = (one.work(1).await, one.placed(Start::Now, 1).await, one.places(1).await);
    ok(one.link.health().await);
    ok(one.link.leave().await);
    ok(one.link.leave().await);
    two.enqueue(0).await;
    two.publish([0]).await;
    assert!(work.deliveries.next().await.is_none() && placed.deliveries.next().await.is_none());
    assert!(places.requests.next().await.is_none());

    let subscription = Subscription { source: Source::Work { command: "Place".to_owned() }, in_flight: at_a_time(1) };
    assert_eq!(code(&one.link.health().await), Some(Code::Unavailable));
    assert_eq!(refused(one.link.requests("Place", at_a_time(1)).await), Code::Unavailable);
    assert_eq!(refused(one.link.subscribe(subscription).await), Code::Unavailable);
    assert_eq!(refused(one.link.request(command(1), Duration::from_secs(1)).await), Code::Unavailable);
    assert_eq!(refused(one.link.enqueue(command(1), Duration::ZERO).await), Code::Unavailable);
    let published = one.link.publish(vec![event("Placed", 1)]).await;
    assert_eq!(Vec::from_iter(published.iter().map(code)), [Some(Code::Unavailable)]);
    assert_eq!(two.work(1).await.drain().await, [0]);
}
