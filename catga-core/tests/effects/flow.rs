//! What a node takes, and how much of it at a time.

use std::future::pending;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use catga_core::context::Context;
use catga_core::persistence::{self, Document, Documents, Persistence, Relay};
use catga_core::{Catga, Error, Event, Node, Request, Result, handler, handlers, transport};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::Cluster;
use crate::seen::Seen;

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = ())]
struct Slow;

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = ())]
struct Quick;

/// How many run, and how many did at most; each goes on when it gets a permit.
struct Running {
    now: AtomicUsize,
    most: AtomicUsize,
    go_on: Semaphore,
}

impl Default for Running {
    fn default() -> Self {
        Self { now: AtomicUsize::new(0), most: AtomicUsize::new(0), go_on: Semaphore::new(0) }
    }
}

impl Running {
    async fn run(&self) {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        self.go_on.acquire().await.unwrap().forget();
        self.now.fetch_sub(1, Ordering::SeqCst);
    }
}

#[handler]
async fn slow(_: Slow, running: &Running) -> Result<()> {
    running.run().await;
    Ok(())
}

#[handler]
async fn quick(_: Quick) -> Result<()> {
    Ok(())
}

fn so_many(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_slow_handler_does_not_starve_the_others() {
    let (cluster, running) = (Cluster::default(), Arc::<Running>::default());
    let node = cluster.node("one").concurrency(so_many(2)).provide_as::<Running>(running.clone());
    let _node = node.handlers(handlers![slow, quick]).start().await.unwrap();
    let caller = cluster.caller().await;
    for _ in 0..20 {
        caller.enqueue(Slow).await.unwrap();
        let caller = caller.clone();
        tokio::spawn(async move { caller.send(Slow).deadline(Duration::from_secs(3600)).await });
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    caller.send(Quick).await.unwrap();
    assert!(running.most.load(Ordering::SeqCst) >= 2);
}

#[handler(concurrency = 3)]
async fn some(_: Slow, running: &Running) -> Result<()> {
    running.run().await;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn limit_reached_never_exceeded() {
    for of_the_handler in [true, false] {
        let (cluster, running) = (Cluster::default(), Arc::<Running>::default());
        let node = cluster.node("one").provide_as::<Running>(running.clone());
        let node = if of_the_handler {
            node.handlers(handlers![some])
        } else {
            node.handlers(handlers![slow]).concurrency(so_many(3))
        };
        let node = node.start().await.unwrap();
        for _ in 0..50 {
            node.enqueue(Slow).await.unwrap();
        }
        for _ in 0..50 {
            tokio::time::sleep(Duration::from_millis(10)).await;
            running.go_on.add_permits(1);
        }
        node.shutdown().await.unwrap();
        assert_eq!(running.most.load(Ordering::SeqCst), 3, "{of_the_handler}");
    }
}

#[derive(Event, Clone, Serialize, Deserialize)]
struct Passed(u32);

#[handler]
async fn stuck(_: &Passed) -> Result<()> {
    pending().await
}

#[handler]
async fn brisk(event: &Passed, seen: &Seen) -> Result<()> {
    seen.note(format!("brisk {}", event.0));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn of_the_handlers_that_every_node_runs_a_slow_one_holds_no_other_up() {
    let cluster = Cluster::default();
    let node = cluster.node("one").handlers(handlers![stuck, brisk]).start().await.unwrap();
    for number in 0..200 {
        node.publish(Passed(number)).await.unwrap();
    }
    cluster.seen.wait_for("brisk 199", 1).await;
    let expected: Vec<_> = (0..200).map(|number| format!("brisk {number}")).collect();
    assert_eq!(cluster.seen.all(), expected);
}

/// What was passed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Count {
    count: u32,
}

impl Document for Count {
    const NAME: &'static str = "count";
    type Key = u32;

    fn key(&self) -> u32 {
        0
    }
}

#[handler(once_per = "service", retry(attempts = 2), concurrency = 1)]
async fn count(_: Passed, counts: &Documents<Count>, seen: &Seen, cx: &Context) -> Result<()> {
    match counts.get(cx, &0).await? {
        None => counts.insert(cx, &Count { count: 1 })?,
        Some(count) => counts.update(cx, &Count { count: count.count + 1 })?,
    }
    seen.note(format!("attempt {}", cx.attempt()));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn while_the_store_is_away_nothing_is_lost_no_attempt_is_counted_and_all_goes_on_by_itself() {
    let cluster = Cluster::default();
    let node = cluster.node("one").handlers(handlers![count]).start().await.unwrap();
    assert!(node.health().await.is_ready());
    cluster.persistence.leave();
    for number in 0..20 {
        node.publish(Passed(number)).await.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(cluster.seen.all(), [""; 0]);
    let health = node.health().await;
    assert!(health.reasons.iter().any(|reason| reason.contains("the store is away")), "{health:?}");

    cluster.persistence.come_back();
    cluster.seen.wait_for("attempt 1", 20).await;
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert!(node.health().await.is_ready(), "{:?}", node.health().await);
    let store = cluster.persistence.open("default", "shop").await.unwrap();
    let stored = store.list("count", persistence::Listing { limit: 10, ..Default::default() }).await.unwrap();
    assert_eq!(stored.documents.len(), 1);
    assert!(node.dead_letters().list(&Default::default()).await.unwrap().letters.is_empty());
}

/// Says that it was counted.
#[derive(Event, Clone, Serialize, Deserialize)]
struct Told;

#[handler(once_per = "service")]
async fn tell(event: Passed, seen: &Seen, cx: &Context) -> Result<()> {
    seen.note(format!("tell {}", event.0));
    cx.publish(Told)
}

#[tokio::test(start_paused = true)]
async fn full_outbox_pauses_intake() {
    let limits = persistence::Limits { outbox: 20, ..Default::default() };
    let cluster = Cluster::with_limits(transport::Limits::default(), limits);
    let store = cluster.persistence.open("default", "shop").await.unwrap();
    // Another relay has the outbox and doesn't move.
    let idle = Relay::new();
    assert!(store.claim(idle, Duration::from_secs(24 * 3600)).await.unwrap());
    let node = cluster.node("one").concurrency(so_many(1)).handlers(handlers![tell]).start().await.unwrap();
    for number in 0..16 {
        node.publish(Passed(number)).await.unwrap();
    }
    cluster.seen.wait_until(|all| all.len() >= 16).await;
    // It is 80 % full now, which the node has seen before long.
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(!node.health().await.is_ready());
    for number in 16..60 {
        node.publish(Passed(number)).await.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(cluster.seen.all().len(), 16);

    store.release(idle).await.unwrap();
    cluster.seen.wait_until(|all| all.len() >= 60).await;
    let expected: Vec<_> = (0..60).map(|number| format!("tell {number}")).collect();
    let mut told = cluster.seen.all();
    told.sort_by_key(|what| what.trim_start_matches("tell ").parse::<u32>().unwrap());
    told.dedup();
    assert_eq!(told, expected);
}

#[tokio::test(start_paused = true)]
async fn prefetched_returned_at_once() {
    let cluster = Cluster::default();
    let start = async |name: &str, running: &Arc<Running>| {
        let node = cluster.node(name).concurrency(so_many(1)).provide_as::<Running>(running.clone());
        node.handlers(handlers![slow]).start().await.unwrap()
    };
    let (here, there) = (Arc::<Running>::default(), Arc::<Running>::default());
    let one = start("one", &here).await;
    for _ in 0..10 {
        one.enqueue(Slow).await.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let other = start("other", &there).await;
    there.go_on.add_permits(100);
    let shutting_down = tokio::spawn(async move { one.shutdown().await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    // All but the one that runs.
    assert_eq!((100 - there.go_on.available_permits(), here.now.load(Ordering::SeqCst)), (9, 1));
    here.go_on.add_permits(1);
    shutting_down.await.unwrap().unwrap();
    drop(other);
}

#[tokio::test(start_paused = true)]
async fn what_the_history_dropped_is_a_gap_until_somebody_accepts_it() {
    let limits = transport::Limits { history: 10, ..Default::default() };
    let cluster = Cluster::with_limits(limits, Default::default());
    let start = async || cluster.node("one").handlers(handlers![tell]).start().await.unwrap();
    start().await.shutdown().await.unwrap();
    let caller = cluster.caller().await;
    for number in 0..25 {
        caller.publish(Passed(number)).await.unwrap();
    }
    let node = start().await;
    cluster.seen.wait_until(|all| all.len() >= 10).await;
    let health = node.health().await;
    assert!(health.reasons.iter().any(|reason| reason.contains("missed 15 events")), "{health:?}");
    node.accept_gaps();
    assert!(node.health().await.is_ready(), "{:?}", node.health().await);
}

/// Fails at the first run for each event.
#[handler(replay, retry(immediate = 0, first = "1min", longest = "1min"))]
async fn review(event: &Passed, seen: &Seen, cx: &Context) -> Result<()> {
    if cx.attempt() == 1 {
        return Err(Error::unavailable("not yet"));
    }
    seen.note(format!("review {}", event.0));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn replay_is_ready_only_after_the_history_also_what_was_retried_of_it() {
    let cluster = Cluster::default();
    let caller = cluster.caller().await;
    for number in 0..10 {
        caller.publish(Passed(number)).await.unwrap();
    }
    let node: Node = cluster.node("one").handlers(handlers![review]).start().await.unwrap();
    assert_eq!(cluster.seen.all().len(), 10);
    drop(node);
}

/// Whether something has begun and may go on.
#[derive(Default)]
struct Begun(AtomicBool);

#[handler(once_per = "service", retry(attempts = 1))]
async fn hang(_: Passed, begun: &Begun, seen: &Seen, cx: &Context) -> Result<()> {
    seen.note(format!("hang on {} attempt {}", cx.node(), cx.attempt()));
    if begun.0.swap(true, Ordering::SeqCst) {
        return Ok(());
    }
    pending().await
}

#[tokio::test(start_paused = true)]
async fn grace_over_cancels_without_blame() {
    let (cluster, begun) = (Cluster::default(), Arc::<Begun>::default());
    let start = async |name: &str| {
        let node = cluster.node(name).grace(Duration::from_secs(5)).provide_as::<Begun>(begun.clone());
        node.handlers(handlers![hang]).start().await.unwrap()
    };
    let one = start("one").await;
    one.publish(Passed(1)).await.unwrap();
    cluster.seen.wait_for("hang on one attempt 1", 1).await;
    one.shutdown().await.unwrap();
    let other = start("other").await;
    // The attempt that was cut off wasn't counted, though one is all that there is.
    cluster.seen.wait_for("hang on other attempt 1", 1).await;
    assert!(other.dead_letters().list(&Default::default()).await.unwrap().letters.is_empty());
}

#[derive(Event, Clone, Serialize, Deserialize)]
struct Ordered(u32);

/// Puts out a command that the transport may have no room for.
#[handler(once_per = "service")]
async fn hand_on(event: Ordered, seen: &Seen, cx: &Context) -> Result<()> {
    seen.note(format!("hand on {}", event.0));
    cx.enqueue(Slow)
}

#[tokio::test(start_paused = true)]
async fn without_a_persistence_a_node_takes_again_what_it_could_when_the_transport_is_back() {
    let limits = transport::Limits { work: 1, ..Default::default() };
    let (transport, seen, running) =
        (transport::InMemory::with_limits(limits), Seen::default(), Arc::<Running>::default());
    let node = Catga::builder("shop").transport(transport).provide(seen.clone()).provide_as::<Running>(running.clone());
    let node = node.handlers(handlers![hand_on, slow, quick]).start().await.unwrap();
    // The queue has room for one command, which isn't done.
    node.publish(Ordered(1)).await.unwrap();
    seen.wait_for("hand on 1", 1).await;
    node.publish(Ordered(2)).await.unwrap();
    seen.wait_for("hand on 2", 1).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    node.send(Quick).balanced().await.unwrap();
    running.go_on.add_permits(100);
    node.publish(Ordered(3)).await.unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
    node.shutdown().await.unwrap();
    assert_eq!(100 - running.go_on.available_permits(), 3);
}
