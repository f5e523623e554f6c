//! How much comes at a time, and who waits for whom.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use catga_core::transport::{Arrival, Start};
use futures_util::FutureExt;
use tokio::time::timeout;

use super::harness::TransportHarness;
use super::stage::{Stage, all, answer, answered, command, number, ok, settled};

/// As many as asked for are handed out and not yet settled, and never one more.
pub async fn limit_reached_never_exceeded<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let one = stage.node("one").await;
    let (mut work, mut placed) = (one.work(3).await, one.placed(Start::Now, 3).await);
    for body in 0..6 {
        one.enqueue(body).await;
    }
    one.publish(0..6).await;
    for intake in [&mut work, &mut placed] {
        let mut held = Vec::new();
        for _ in 0..3 {
            held.push(intake.next().await);
        }
        assert!(intake.is_quiet().await);
        ok(held.remove(0).settle().await);
        held.push(intake.next().await);
        assert!(intake.is_quiet().await);
        assert_eq!(Vec::from_iter(held.iter().map(|delivery| number(delivery.envelope()))), [1, 2, 3]);
    }
}

/// Under load a node is busy with as many as it takes, and never with more.
pub async fn limit_is_reached_under_load<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let one = stage.node("one").await;
    let mut work = one.work(8).await;
    all((0..200).map(|body| one.enqueue(body))).await;
    let busy = Arc::new(AtomicUsize::new(0));
    let runs = async {
        let mut runs = Vec::new();
        for _ in 0..200 {
            let (delivery, busy) = (work.next().await, busy.clone());
            runs.push(tokio::spawn(async move {
                let at_once = busy.fetch_add(1, Ordering::SeqCst) + 1;
                tokio::time::sleep(Duration::from_millis(2)).await;
                busy.fetch_sub(1, Ordering::SeqCst);
                settled(delivery).await;
                at_once
            }));
        }
        runs
    };
    let at_once = all(runs.await).await.into_iter().map(|run| run.expect("a run should end"));
    assert_eq!(at_once.max(), Some(8));
}

/// A subscription that stands still keeps no other one from going on.
pub async fn slow_subscription_isolated<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let (mut stuck, mut free) = (one.placed(Start::Now, 1).await, two.placed(Start::Now, 1).await);
    let mut stuck_service = one.receipts(1).await;
    one.publish([0]).await;
    let _held = (stuck.next().await, stuck_service.next().await);
    for batch in 0..10 {
        one.publish(1 + batch * 50..1 + (batch + 1) * 50).await;
    }
    assert_eq!(free.settle(501).await, Vec::from_iter(0..501));
}

/// A call of `next` that was dropped has lost nothing, also when something was about to arrive.
pub async fn dropped_next_loses_nothing<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let (mut work, mut places) = (two.work(1).await, two.places(1).await);
    for body in 0..50 {
        assert!(work.deliveries.next().now_or_never().is_none(), "nothing is there yet");
        assert!(places.requests.next().now_or_never().is_none(), "nothing is there yet");
        one.enqueue(body).await;
        let replies = one.ask(command(body)).await;
        // Given up at moments when it may be about to arrive.
        let soon = Duration::from_micros(u64::from(body) * 20);
        let delivery = match work.arrival_within(soon).await {
            Some(Arrival::Delivery(delivery)) => delivery,
            _ => work.next().await,
        };
        assert_eq!(settled(delivery).await, body);
        let request = match timeout(soon, places.requests.next()).await {
            Ok(Some(request)) => request,
            _ => places.next().await,
        };
        ok(request.reply(answered(vec![])).await);
        answer(replies).await;
    }
}
