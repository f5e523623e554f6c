//! Published events, and who gets them.

use catga_core::error::Code;
use catga_core::message::Kind;
use catga_core::transport::{Source, Start};

use super::harness::{Limits, TransportHarness};
use super::stage::{Stage, code, envelope, event, number, ok};

/// Each subscription that wants an event gets it: every node, and one node for each handler of each service. Others get nothing.
pub async fn publish_reaches_matching_subscriptions<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let mail = ok(stage.join(stage.member("mail", "three")).await);
    let mut nodes = [one.placed(Start::Now, 8).await, two.placed(Start::Now, 8).await];
    let (mut of_one, mut of_two, mut of_mail) = (one.receipts(8).await, two.receipts(8).await, mail.receipts(8).await);
    let counting = Source::Service { event: "Placed".to_owned(), handler: "count".to_owned() };
    let mut counts = two.subscribe(counting, 8).await;
    let shipped = Source::Node { events: vec!["Shipped".to_owned()], start: Start::Now };
    let mut shipped = mail.subscribe(shipped, 8).await;

    let events = vec![event("Placed", 1), event("Cancelled", 2), event("Placed", 3)];
    one.link.publish(events).await.into_iter().for_each(ok);
    for node in &mut nodes {
        assert_eq!(node.drain().await, [1, 3]);
    }
    assert_eq!(of_mail.drain().await, [1, 3], "one name in two services is two handlers");
    assert_eq!(counts.drain().await, [1, 3]);
    let mut shared = [of_one.drain().await, of_two.drain().await].concat();
    shared.sort_unstable();
    assert_eq!(shared, [1, 3]);
    assert!(shipped.is_quiet().await);
}

/// An event that nobody wants is no error; it is kept as long as others, and not longer.
pub async fn publish_no_subscriber_ok<H: TransportHarness>() {
    let stage = Stage::<H>::with(Limits { history: 10, ..Limits::default() }).await;
    let one = stage.node("one").await;
    one.publish(0..50).await;
    let mut first = one.placed(Start::First, 16).await;
    assert_eq!(first.settle(10).await, Vec::from_iter(40..50));
    first.caught_up().await;
    assert!(first.is_quiet().await);
}

/// Each event of a batch has an outcome of its own; the same batch published again adds nothing.
pub async fn publish_batch_partial_failure<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let one = stage.node("one").await;
    let mut placed = one.placed(Start::Now, 8).await;
    let (_, too_large) = stage.harness.envelope_bytes();
    let large = envelope("Placed", Kind::Event, vec![0; too_large]);
    let batch = vec![event("Placed", 1), large, event("Placed", 2)];
    for _ in 0..2 {
        let outcomes = one.link.publish(batch.clone()).await;
        assert_eq!(Vec::from_iter(outcomes.iter().map(code)), [None, Some(Code::TooLarge), None]);
    }
    assert!(one.link.publish(Vec::new()).await.is_empty());
    assert_eq!(placed.drain().await, [1, 2]);
}

/// What one node publishes, one after the other and in a batch, comes in this order.
pub async fn order_per_origin<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let mut placed = two.placed(Start::Now, 4).await;
    let mut receipts = two.receipts(1).await;
    for body in 0..50 {
        one.publish([body]).await;
    }
    one.publish(50..200).await;
    assert_eq!(placed.settle(200).await, Vec::from_iter(0..200));
    assert_eq!(receipts.settle(200).await, Vec::from_iter(0..200));
}

/// An event's sequence rises with the order, and is the same for every subscription, each time that it comes, and for each node.
pub async fn sequence_is_the_same_for_all<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let mut of_node = one.placed(Start::Now, 8).await;
    let mut of_service = two.receipts(8).await;
    one.publish(0..3).await;
    drop(of_node.next().await);
    let mut of_history = two.placed(Start::First, 8).await;
    let mut seen = Vec::new();
    for intake in [&mut of_node, &mut of_service, &mut of_history] {
        let mut sequences = Vec::new();
        for _ in 0..3 {
            let delivery = intake.next().await;
            sequences.push((number(delivery.envelope()), delivery.sequence().expect("an event has a sequence")));
            ok(delivery.settle().await);
        }
        // The one that was dropped may come after others.
        sequences.sort_unstable();
        assert!(sequences.is_sorted_by(|(_, first), (_, second)| first < second));
        seen.push(sequences);
    }
    assert!(seen.iter().all(|sequences| *sequences == seen[0]), "{seen:?}");
    one.enqueue(0).await;
    assert_eq!(one.work(1).await.next().await.sequence(), None, "a command has none");
}
