//! Nodes that shut down.

use std::sync::Arc;
use std::time::Duration;

use catga_core::context::Context;
use catga_core::{Request, Result, handler, handlers};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::harness::{NodeHarness, Stage, ok};
use super::requests::Gate;
use crate::Seen;

const SECOND: Duration = Duration::from_secs(1);

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = String)]
struct Ship;

#[handler(unlinked)]
async fn ship(_: Ship, gate: &Gate, seen: &Seen, cx: &Context) -> Result<String> {
    seen.note(format!("begins on {}", cx.node()));
    gate.pass().await;
    seen.note(format!("ends on {}", cx.node()));
    Ok(cx.node().to_owned())
}

/// A node that shuts down finishes what runs, answers it, and is done then.
pub async fn stop_waits_for_running<H: NodeHarness>() {
    let stage = Stage::<H>::new().await;
    let gate = Gate::closed();
    let orders = stage.orders(handlers![ship]).await.provide(gate.clone()).node_name("one");
    let orders = Arc::new(ok(orders.grace(60 * SECOND).start().await));
    let front = stage.caller().await;
    let call = tokio::spawn(async move { front.send(Ship).deadline(60 * SECOND).await });
    ok(orders.enqueue(Ship).await);
    stage.seen.wait_for(2).await;
    let stopping = {
        let orders = orders.clone();
        tokio::spawn(async move { orders.shutdown().await })
    };
    tokio::time::sleep(H::QUIET).await;
    assert!(!stopping.is_finished(), "handlers run");
    gate.open();
    ok(stopping.await.unwrap_or_else(|ended| panic!("the shutdown should end: {ended}")));
    assert_eq!(ok(call.await.unwrap_or_else(|ended| panic!("the caller should end: {ended}"))), "one");
    stage.saw_only(&["begins on one", "begins on one", "ends on one", "ends on one"]).await;
}

/// What still runs when the grace period is over is cancelled and blamed for nothing: it is handled again, by another node.
pub async fn grace_over_cancels_without_blame<H: NodeHarness>() {
    let stage = Stage::<H>::new().await;
    let one = stage.orders(handlers![ship]).await.provide(Gate::closed()).node_name("one");
    let one = ok(one.grace(SECOND).start().await);
    ok(one.enqueue(Ship).await);
    stage.seen.wait_for(1).await;
    let start = Instant::now();
    ok(one.shutdown().await);
    assert!(start.elapsed() >= SECOND && start.elapsed() < 10 * SECOND, "{:?}", start.elapsed());
    drop(one);

    let open = Gate::closed();
    open.open();
    let _two = ok(stage.orders(handlers![ship]).await.provide(open).node_name("two").start().await);
    stage.saw_only(&["begins on one", "begins on two", "ends on two"]).await;
}

/// What waits at a node that shuts down is handled by another one, at once.
pub async fn prefetched_returned_at_once<H: NodeHarness>() {
    let stage = Stage::<H>::new().await;
    let gate = Gate::closed();
    let one = stage.orders(handlers![ship]).await.provide(gate.clone()).node_name("one");
    let one = Arc::new(ok(one.concurrency(std::num::NonZeroUsize::MIN).grace(600 * SECOND).start().await));
    for _ in 0..3 {
        ok(one.enqueue(Ship).await);
    }
    stage.seen.wait_for(1).await;
    let open = Gate::closed();
    open.open();
    let stopping = {
        let one = one.clone();
        tokio::spawn(async move { one.shutdown().await })
    };
    let _two = ok(stage.orders(handlers![ship]).await.provide(open).node_name("two").start().await);
    let expected = ["begins on one", "begins on two", "ends on two", "begins on two", "ends on two"];
    stage.saw_only(&expected).await;
    gate.open();
    ok(stopping.await.unwrap_or_else(|ended| panic!("the shutdown should end: {ended}")));
}
