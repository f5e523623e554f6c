//! Enqueued commands, and those who compete for them.

use std::collections::BTreeSet;
use std::time::Duration;

use catga_core::error::Code;
use catga_core::message::Kind;
use catga_core::transport::Source;
use futures_util::FutureExt;
use tokio::time::Instant;

use super::harness::{Limits, TransportHarness};
use super::stage::{Stage, all, assert_on_time, command, envelope, event, number, ok, refused, report, settled};

/// What was accepted waits though nobody takes it yet, and though its sender dies.
pub async fn enqueue_ok_means_stored<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let one = stage.node("one").await;
    for body in 0..10 {
        one.enqueue(body).await;
    }
    drop(one);
    let two = stage.node("two").await;
    assert_eq!(two.work(4).await.drain().await, Vec::from_iter(0..10));
}

/// A command that no service ever owned is refused, and so is one more than are kept, until something is settled.
pub async fn enqueue_refuses_instead_of_dropping<H: TransportHarness>() {
    let stage = Stage::<H>::with(Limits { work: 3, ..Limits::default() }).await;
    let one = stage.node("one").await;
    let unowned = envelope("Unknown", Kind::Command, vec![]);
    assert!(matches!(refused(one.link.enqueue(unowned, Duration::ZERO).await), Code::NoHandler | Code::Unavailable));
    for body in 0..3 {
        one.enqueue(body).await;
    }
    assert_eq!(refused(one.link.enqueue(command(3), Duration::ZERO).await), Code::Unavailable);
    ok(one.link.enqueue(report(0), Duration::ZERO).await);
    let mut work = one.work(1).await;
    assert_eq!(settled(work.next().await).await, 0);
    one.enqueue(4).await;
    assert_eq!(work.drain().await, [1, 2, 4]);
}

/// Nodes that compete take every command together, each once.
pub async fn enqueue_one_taker<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two, three) = (stage.node("one").await, stage.node("two").await, stage.node("three").await);
    let mut takers = [one.work(1).await, two.work(4).await, three.work(16).await];
    all((0..300).map(|body| one.enqueue(body))).await;
    let taken = all(takers.iter_mut().map(|work| work.drain())).await;
    let mut numbers = taken.concat();
    numbers.sort_unstable();
    assert_eq!(numbers, Vec::from_iter(0..300), "each once, counted as they came");
}

/// One delivery id is stored once, while the first is stored and beyond; another one with the same message id and body is another.
pub async fn enqueue_same_id_stored_once<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let one = stage.node("one").await;
    let first = command(1);
    let mut again = first.clone();
    again.headers_mut().delivery_id = Some(catga_core::message::MessageId::new());
    for envelope in [&first, &first, &again, &command(1), &again] {
        ok(one.link.enqueue(envelope.clone(), Duration::ZERO).await);
    }
    let mut work = one.work(8).await;
    assert_eq!(work.drain().await, [1, 1, 1]);
    ok(one.link.enqueue(first, Duration::ZERO).await);
    assert!(work.is_quiet().await);
}

/// A call that was dropped has stored its message or not; with the same envelope it can be made again, and there is one.
pub async fn dropped_call_is_ambiguous_not_corrupt<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let one = stage.node("one").await;
    let mut work = one.work(8).await;
    let mut placed = one.placed(catga_core::transport::Start::Now, 8).await;
    for body in 0..20 {
        let (sent, published) = (command(body), event("Placed", body));
        // Polled once, and dropped.
        drop(one.link.enqueue(sent.clone(), Duration::ZERO).now_or_never());
        drop(one.link.publish(vec![published.clone()]).now_or_never());
        ok(one.link.enqueue(sent, Duration::ZERO).await);
        for outcome in one.link.publish(vec![published]).await {
            ok(outcome);
        }
    }
    assert_eq!(work.drain().await, Vec::from_iter(0..20));
    assert_eq!(placed.drain().await, Vec::from_iter(0..20));
}

/// A delayed command is never early, and late within bounds; what is due sooner comes sooner, and the delay outlives its sender.
pub async fn enqueue_after_a_delay_is_on_time<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let mut work = two.work(4).await;
    let start = Instant::now();
    for (body, seconds) in [(3, 3), (1, 1), (2, 2)] {
        ok(one.link.enqueue(command(body), Duration::from_secs(seconds)).await);
    }
    drop(one);
    for body in 1..=3 {
        let due = Duration::from_secs(body.into());
        let delivery = work.next_within(due + H::TIMING.late).await;
        assert_on_time(start, due, H::TIMING.late);
        assert_eq!((number(delivery.envelope()), delivery.attempt()), (body, 1));
        ok(delivery.settle().await);
    }
}

/// The commands of a slow handler keep no others back: each has a queue of its own, which fills by itself.
pub async fn slow_command_starves_no_other<H: TransportHarness>() {
    let stage = Stage::<H>::with(Limits { work: 5, ..Limits::default() }).await;
    let one = stage.node("one").await;
    let mut slow = one.work(1).await;
    let mut fast = one.subscribe(Source::Work { command: "Report".to_owned() }, 1).await;
    for body in 0..5 {
        one.enqueue(body).await;
    }
    let _held = slow.next().await;
    for body in 0..20 {
        ok(one.link.enqueue(report(body), Duration::ZERO).await);
        assert_eq!(fast.settle(1).await, [body]);
    }
}

/// Opening and closing the same subscription at once, again and again, leaves a working one and loses nothing.
pub async fn concurrent_open_close_harmless<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let mut seen = BTreeSet::new();
    for body in 0..10 {
        one.enqueue(body).await;
        let opened = all([one.work(1), two.work(1), one.work(1)]).await;
        all(opened.into_iter().map(|work| work.deliveries.close())).await;
        seen.extend(two.work(1).await.settle(1).await);
    }
    assert_eq!(seen, BTreeSet::from_iter(0..10));
    assert!(one.work(1).await.is_quiet().await);
}
