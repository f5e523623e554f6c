//! Messages that come again, or wait for long, though something was done about them before.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use catga_core::context::Journal;
use catga_core::message::MessageId;
use catga_core::persistence::{Committed, Letters, Mark, MarkName, Persistence, StoredAnswer, Unit, UnitId, UnitMark};
use catga_core::retry::{Failure, Next};
use catga_core::{Code, Error, Event, Node, Request, Result, handler, handlers};
use serde::{Deserialize, Serialize};

use crate::Cluster;
use crate::away::Away;
use crate::seen::Seen;

/// Ends its node's life at each run.
#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = ())]
struct Crash;

type Victim = Mutex<Option<Node>>;

async fn die(seen: &Seen, victim: &Victim, store: &Away) -> Result<()> {
    seen.note("crash");
    // Without a word to its store, as one does that is killed.
    store.leave();
    drop(victim.lock().unwrap().take());
    std::future::pending().await
}

fn twice_then_dropped(failure: &Failure<'_>) -> Next {
    if failure.attempt < 2 { Next::Now } else { Next::Drop }
}

#[handler(retry(with = twice_then_dropped))]
async fn crash(_: Crash, seen: &Seen, victim: &Victim, store: &Away) -> Result<()> {
    die(seen, victim, store).await
}

#[handler(name = "crash", retry(attempts = 2))]
async fn crash_and_die(_: Crash, seen: &Seen, victim: &Victim, store: &Away) -> Result<()> {
    die(seen, victim, store).await
}

#[tokio::test(start_paused = true)]
async fn a_message_that_ends_nodes_ends_as_its_policy_says() {
    for is_dropped in [true, false] {
        let (cluster, victim) = (Cluster::default(), Arc::new(Victim::default()));
        for run in 1..=4 {
            let node = cluster.node("victim").provide(cluster.persistence.clone()).provide_as::<Victim>(victim.clone());
            let handlers = if is_dropped { handlers![crash] } else { handlers![crash_and_die] };
            let node = node.handlers(handlers).start().await.unwrap();
            *victim.lock().unwrap() = Some(node.clone());
            if run == 1 {
                node.enqueue(Crash).await.unwrap();
            }
            drop(node);
            tokio::time::sleep(Duration::from_secs(30)).await;
            drop(victim.lock().unwrap().take());
            tokio::time::sleep(Duration::from_secs(30)).await;
            cluster.persistence.come_back();
        }
        assert_eq!(cluster.seen.count("crash"), 2);
        let store = cluster.persistence.open("default", "shop").await.unwrap();
        let attempts: Vec<_> = store.letters(&Letters::default()).await.unwrap().letters;
        let attempts: Vec<_> = attempts.into_iter().map(|letter| letter.attempts).collect();
        assert_eq!(attempts, if is_dropped { vec![] } else { vec![2] });
    }
}

const DAY: Duration = Duration::from_secs(24 * 3600);

#[derive(Event, Clone, Serialize, Deserialize)]
struct Sold(u32);

#[handler(once_per = "service")]
async fn bill(event: Sold, seen: &Seen) -> Result<()> {
    seen.note(format!("bill {}", event.0));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_was_done_and_comes_again_after_more_than_seven_days_is_no_dead_letter() {
    let cluster = Cluster::default();
    // The subscription begins; then its node is away while somebody publishes.
    cluster.node("one").handlers(handlers![bill]).start().await.unwrap().shutdown().await.unwrap();
    let caller = cluster.caller().await;
    let id = MessageId::new();
    caller.publish(Sold(7)).id(id).await.unwrap();
    caller.shutdown().await.unwrap();
    tokio::time::sleep(7 * DAY + DAY / 2).await;
    // Another copy was handled meanwhile.
    let store = cluster.persistence.open("default", "shop").await.unwrap();
    let name = MarkName::Message { handler: "Sold/bill".into(), id };
    let mark = Mark { name, identity: None, retention: 8 * DAY };
    let unit = Unit {
        id: UnitId::new(),
        mark: UnitMark::Unclaimed(mark),
        journal: Journal::default(),
        answer: StoredAnswer::default(),
    };
    assert_eq!(store.commit(unit).await.unwrap(), Committed::Done);
    let node = cluster.node("one").handlers(handlers![bill]).start().await.unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(node.dead_letters().list(&Letters::default()).await.unwrap().letters, []);
    assert_eq!((cluster.seen.all().len(), cluster.transport.backlog()), (0, vec![]));
}

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Pay;

/// Its node stands still during the first run, for longer than a lease.
#[handler]
async fn pay(_: Pay, seen: &Seen) -> Result<u32> {
    seen.note("pay");
    if seen.count("pay") > 1 {
        return Ok(7);
    }
    tokio::time::advance(Duration::from_secs(10)).await;
    Err(Error::validation("no such account"))
}

#[tokio::test(start_paused = true)]
async fn an_error_of_a_node_that_lost_its_lease_is_no_answer() {
    let cluster = Cluster::default();
    let node = cluster.node("one").handlers(handlers![pay]).start().await.unwrap();
    let paid = async || node.send(Pay).key("order 7").deadline(Duration::from_secs(60)).await;
    // Nothing was kept of the first run, so another one could have had its effect; here it was the same node's.
    assert_eq!(paid().await.unwrap(), 7);
    assert_eq!(paid().await.unwrap(), 7);
    assert_eq!(cluster.seen.count("pay"), 2);
}

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = ())]
struct Ship;

#[handler]
async fn ship(_: Ship) -> Result<()> {
    Err(Error::validation("no such address"))
}

/// The same in the next version of the program.
#[handler]
async fn ship_anywhere(_: Ship, seen: &Seen) -> Result<()> {
    seen.note("shipped");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_command_that_is_replayed_finds_its_handler_whatever_that_is_called_by_now() {
    let cluster = Cluster::default();
    let node = cluster.node("one").handlers(handlers![ship]).start().await.unwrap();
    node.enqueue(Ship).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    node.shutdown().await.unwrap();
    let node = cluster.node("one").handlers(handlers![ship_anywhere]).start().await.unwrap();
    let letter = node.dead_letters().list(&Letters::default()).await.unwrap().letters.remove(0);
    assert_eq!(letter.error().code(), Code::Validation);
    assert!(node.dead_letters().replay(&letter.id, "ann").await.unwrap());
    cluster.seen.wait_for("shipped", 1).await;
    assert_eq!(node.dead_letters().list(&Letters::default()).await.unwrap().letters, []);
}

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = ())]
struct Charge;

#[handler]
async fn charge(_: Charge, seen: &Seen) -> Result<()> {
    seen.note("charged");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_command_that_is_begun_after_its_deadline_does_not_run() {
    let cluster = Cluster::default();
    let node = cluster.node("one").handlers(handlers![charge]).start().await.unwrap();
    let (caller, id) = (cluster.caller().await, MessageId::new());
    // The first sending is begun when the mark of the second one has been forgotten.
    cluster.persistence.stall_begin(Duration::from_secs(60));
    let first = caller.send(Charge).id(id).deadline(Duration::from_secs(2)).await;
    assert_eq!(first.unwrap_err().code(), Code::OutcomeUnknown);
    caller.send(Charge).id(id).await.unwrap();
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(cluster.seen.all(), ["charged"]);
    drop(node);
}
