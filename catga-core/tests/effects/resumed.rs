//! Handlers that go on where they stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use catga_core::context::Context;
use catga_core::persistence::{Document, Documents, Letters, Persistence, PositionName};
use catga_core::{Error, Event, Node, Request, Result, handler, handlers};
use serde::{Deserialize, Serialize};

use crate::Cluster;
use crate::seen::Seen;

#[derive(Event, Clone, Serialize, Deserialize)]
struct Sold(u32);

#[derive(Event, Clone, Serialize, Deserialize)]
struct Other;

#[handler(resume)]
async fn watch(event: Sold, seen: &Seen, cx: &Context) -> Result<()> {
    seen.note(format!("{} watches {}", cx.node(), event.0));
    Ok(())
}

async fn watcher(cluster: &Cluster, name: &str) -> Node {
    cluster.node(name).handlers(handlers![watch]).start().await.unwrap()
}

fn watched(name: &str, events: std::ops::Range<u32>) -> Vec<String> {
    events.map(|number| format!("{name} watches {number}")).collect()
}

#[tokio::test(start_paused = true)]
async fn resume_goes_on_where_the_node_of_this_name_stopped() {
    let cluster = Cluster::default();
    let caller = cluster.caller().await;
    let publish = async |events: std::ops::Range<u32>| {
        for number in events {
            caller.publish(Sold(number)).await.unwrap();
            caller.publish(Other).await.unwrap();
        }
    };
    publish(0..5).await;
    let one = watcher(&cluster, "one").await;
    publish(5..10).await;
    cluster.seen.wait_for("one watches 9", 1).await;
    one.shutdown().await.unwrap();
    publish(10..15).await;
    let one = watcher(&cluster, "one").await;
    cluster.seen.wait_for("one watches 14", 1).await;
    assert_eq!(cluster.seen.all(), watched("one", 0..15));

    // Another name is another position.
    let two = watcher(&cluster, "two").await;
    cluster.seen.wait_for("two watches 14", 1).await;
    assert_eq!(cluster.seen.all()[15..], watched("two", 0..15));
    drop((one, two));
}

#[tokio::test(start_paused = true)]
async fn an_event_that_writes_nothing_costs_no_store_call() {
    let cluster = Cluster::default();
    let node = watcher(&cluster, "one").await;
    for number in 0..1_000 {
        node.publish(Sold(number)).await.unwrap();
    }
    cluster.seen.wait_for("one watches 999", 1).await;
    node.shutdown().await.unwrap();
    assert_eq!((cluster.persistence.calls("begin"), cluster.persistence.calls("commit")), (0, 0));
    let saves = cluster.persistence.calls("save_position");
    assert!((1..10).contains(&saves), "{saves}");
}

/// How many were sold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Total {
    count: u32,
    sum: u32,
}

impl Document for Total {
    const NAME: &'static str = "total";
    type Key = String;

    fn key(&self) -> String {
        "total".into()
    }
}

/// Whether the handler may do its work.
#[derive(Default)]
struct Ready(AtomicBool);

#[handler(resume, retry(immediate = 0, first = "1min", longest = "1min"))]
async fn add(event: Sold, totals: &Documents<Total>, ready: &Ready, seen: &Seen, cx: &Context) -> Result<()> {
    if event.0 == 3 && !ready.0.load(Ordering::SeqCst) {
        return Err(Error::unavailable("not yet"));
    }
    let total = totals.get(cx, &"total".to_owned()).await?;
    let next = total.clone().unwrap_or_default();
    let next = Total { count: next.count + 1, sum: next.sum + event.0 };
    match total {
        None => totals.insert(cx, &next)?,
        Some(_) => totals.update(cx, &next)?,
    }
    seen.note(format!("add {}", event.0));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_a_resumed_handler_writes_is_written_once_also_what_was_put_aside_when_its_node_died() {
    let (cluster, ready) = (Cluster::default(), Arc::<Ready>::default());
    let start = async || {
        let node = cluster.node("one").provide_as::<Ready>(ready.clone()).handlers(handlers![add]);
        node.start().await.unwrap()
    };
    let node = start().await;
    for number in 0..10 {
        node.publish(Sold(number)).await.unwrap();
    }
    cluster.seen.wait_for("add 9", 1).await;
    // The one that failed is a hole of the position.
    drop(node);
    tokio::time::sleep(Duration::from_secs(1)).await;
    ready.0.store(true, Ordering::SeqCst);
    let node = start().await;
    cluster.seen.wait_for("add 3", 1).await;
    node.publish(Sold(10)).await.unwrap();
    cluster.seen.wait_for("add 10", 1).await;
    node.shutdown().await.unwrap();
    assert_eq!(cluster.seen.all().len(), 11, "{:?}", cluster.seen.all());
}

#[handler(resume)]
async fn count(_: Sold, totals: &Documents<Total>, seen: &Seen, cx: &Context) -> Result<()> {
    let total = totals.get(cx, &"total".to_owned()).await?;
    let count = total.as_ref().map_or(0, |total| total.count) + 1;
    match total {
        None => totals.insert(cx, &Total { count, sum: 0 })?,
        Some(total) => totals.update(cx, &Total { count, ..total })?,
    }
    seen.note(format!("counts as {count}"));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_resumed_handler_whose_commit_was_lost_from_sight_doesnt_do_it_again() {
    let cluster = Cluster::default();
    let node = cluster.node("one").handlers(handlers![count]).start().await.unwrap();
    cluster.persistence.leave_after_commit();
    node.publish(Sold(1)).await.unwrap();
    cluster.seen.wait_for("counts as 1", 1).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    cluster.persistence.come_back();
    tokio::time::sleep(Duration::from_secs(10)).await;
    // The run after that one was for nothing, and left nothing: this is the second event.
    node.publish(Sold(2)).await.unwrap();
    cluster.seen.wait_for("counts as 2", 2).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(cluster.seen.count("counts as 3"), 0, "{:?}", cluster.seen.all());
    node.shutdown().await.unwrap();
}

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = ())]
struct Note(u32);

#[handler]
async fn note(command: Note, seen: &Seen) -> Result<()> {
    seen.note(format!("note {}", command.0));
    Ok(())
}

/// Fails at the first run for each event, when its command was handled.
#[handler(resume)]
async fn send_on(event: Sold, seen: &Seen, cx: &Context) -> Result<()> {
    cx.send(Note(event.0)).await?;
    if cx.attempt() == 1 {
        return Err(Error::unavailable("not yet"));
    }
    seen.note(format!("{} sent {}", cx.node(), event.0));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn each_node_sends_a_command_of_its_own_and_once() {
    let cluster = Cluster::default();
    let start = async |name: &str| cluster.node(name).handlers(handlers![send_on, note]).start().await.unwrap();
    let (one, other) = (start("one").await, start("other").await);
    one.publish(Sold(7)).await.unwrap();
    cluster.seen.wait_for("one sent 7", 1).await;
    cluster.seen.wait_for("other sent 7", 1).await;
    assert_eq!(cluster.seen.count("note 7"), 2);
    drop(other);
}

#[handler(resume, retry(immediate = 0, first = "1min", longest = "1min"))]
async fn wait_for_better_times(event: Sold, seen: &Seen) -> Result<()> {
    seen.note(format!("waits with {}", event.0));
    Err(Error::unavailable("not yet"))
}

#[tokio::test(start_paused = true)]
async fn a_handler_with_as_many_holes_as_it_may_have_holds_up_no_shutdown() {
    let cluster = Cluster::default();
    let node = cluster.node("one").handlers(handlers![wait_for_better_times]).start().await.unwrap();
    for number in 0..1_001 {
        node.publish(Sold(number)).await.unwrap();
    }
    cluster.seen.wait_for("waits with 999", 1).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let begun = tokio::time::Instant::now();
    node.shutdown().await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn whoever_lost_its_position_stops_also_with_what_it_has_aside() {
    let cluster = Cluster::default();
    let node = cluster.node("one").handlers(handlers![count]).start().await.unwrap();
    let store = cluster.persistence.open("default", "shop").await.unwrap();
    let name = PositionName { node: "one".into(), handler: "Sold/count".into() };
    store.take_position(&name).await.unwrap();
    for number in 0..10 {
        node.publish(Sold(number)).await.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(cluster.seen.all(), ["counts as 1"]);
    node.shutdown().await.unwrap();
}

#[handler(resume)]
async fn refuse(event: Sold, seen: &Seen) -> Result<()> {
    seen.note(format!("refuses {}", event.0));
    Err(Error::validation("it won't do"))
}

#[tokio::test(start_paused = true)]
async fn a_resumed_handler_that_gave_an_event_up_doesnt_see_it_again_after_a_crash() {
    let cluster = Cluster::default();
    let start = async || cluster.node("one").handlers(handlers![refuse]).start().await.unwrap();
    let node = start().await;
    node.publish(Sold(7)).await.unwrap();
    while node.dead_letters().list(&Letters::default()).await.unwrap().total == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // It dies without a word to its store.
    cluster.persistence.leave();
    drop(node);
    tokio::time::sleep(Duration::from_secs(60)).await;
    cluster.persistence.come_back();
    let node = start().await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(cluster.seen.count("refuses 7"), 1);
    node.shutdown().await.unwrap();
}
