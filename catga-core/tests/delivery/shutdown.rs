//! Nodes that end: what still runs, what waits, and what is left behind.

use std::future::pending;
use std::time::Duration;

use catga_core::context::Context;
use catga_core::{Catga, Code, Event, Request, Result, handler, handlers};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::support::{self, Do, Dropped, Happened, Seen, Shared, actor};

#[tokio::test(start_paused = true)]
async fn a_shutdown_waits_for_what_runs_and_takes_nothing_new() {
    let (shared, seen) = (Shared::default(), Seen::default());
    let actor = actor(&shared, "actor", &seen).await;
    let caller = shared.caller().await;
    let running = async { caller.send(Do::Work(Duration::from_secs(8))).await };
    let shut_down = async {
        seen.wait_for("begun", 1).await;
        let begun = Instant::now();
        let late = async { caller.send(Do::Answer).deadline(Duration::from_secs(4)).await };
        let (ended, late) = tokio::join!(actor.shutdown(), async {
            tokio::task::yield_now().await;
            late.await
        });
        ended.unwrap();
        (begun.elapsed(), late)
    };
    let (outcome, (took, late)) = tokio::join!(running, shut_down);
    assert_eq!(outcome.unwrap(), "actor");
    assert!(Duration::from_secs(7) < took && took < Duration::from_secs(9), "{took:?}");
    let late = late.unwrap_err();
    assert!(matches!(late.code(), Code::Unavailable | Code::Timeout), "{late}");
    assert_eq!(seen.all(), ["begun", "done"]);
    // To shut down twice is harmless.
    actor.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn after_the_grace_period_a_shutdown_cancels_what_still_runs() {
    let (shared, seen) = (Shared::default(), Seen::default());
    let actor = actor(&shared, "actor", &seen).await;
    let caller = shared.caller().await;
    let begun = Instant::now();
    let running = async { caller.send(Do::Hang).deadline(Duration::from_secs(600)).await };
    let shut_down = async {
        seen.wait_for("begun", 1).await;
        actor.shutdown().await
    };
    let (outcome, ended) = tokio::join!(running, shut_down);
    ended.unwrap();
    assert_eq!(outcome.unwrap_err().code(), Code::Cancelled);
    assert_eq!(seen.all(), ["begun", "dropped"]);
    let took = begun.elapsed();
    assert!(Duration::from_secs(19) < took && took < Duration::from_secs(22), "{took:?}");
}

#[derive(Event, Clone, Serialize, Deserialize)]
struct Stuck;

#[handler]
async fn stick(_: Stuck, seen: &Seen, cx: &Context) -> Result<()> {
    let _dropped = Dropped(Some(seen));
    seen.note("begun");
    cx.cancelled().await;
    seen.note("told");
    pending().await
}

#[tokio::test(start_paused = true)]
async fn a_handler_of_an_event_that_hangs_does_not_hold_up_a_shutdown_beyond_its_grace() {
    let (shared, seen) = (Shared::default(), Seen::default());
    let node = shared.node("acting").provide(seen.clone()).grace(Duration::from_secs(20));
    let node = node.handlers(handlers![stick]).start().await.unwrap();
    node.publish(Stuck).await.unwrap();
    seen.wait_for("begun", 1).await;
    let begun = Instant::now();
    node.shutdown().await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(22), "{:?}", begun.elapsed());
    // Told first, then ended.
    assert_eq!(seen.all(), ["begun", "told", "dropped"]);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_that_is_dropped_half_way_goes_on_at_the_next_call() {
    let (shared, seen) = (Shared::default(), Seen::default());
    let actor = actor(&shared, "actor", &seen).await;
    let caller = shared.caller().await;
    let running = async { caller.send(Do::Work(Duration::from_secs(8))).await };
    let shut_down = async {
        seen.wait_for("begun", 1).await;
        assert!(tokio::time::timeout(Duration::from_secs(2), actor.shutdown()).await.is_err());
        assert!(!actor.health().await.is_ready());
        actor.shutdown().await
    };
    let (outcome, ended) = tokio::join!(running, shut_down);
    ended.unwrap();
    assert_eq!(outcome.unwrap(), "actor");
    assert_eq!(seen.all(), ["begun", "done"]);
}

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = ())]
struct Announce(u32);

#[handler]
async fn announce(command: Announce, cx: &Context) -> Result<()> {
    for number in 0..command.0 {
        cx.publish(Happened(number))?;
    }
    Ok(())
}

#[tokio::test]
async fn a_shutdown_lets_out_what_was_committed_in_its_order() {
    let (shared, seen) = (Shared::default(), Seen::default());
    let reader = shared.node("reading").provide(seen.clone()).handlers(handlers![support::calm]).start().await.unwrap();
    let writer = shared.node("writing").handlers(handlers![announce]).start().await.unwrap();
    writer.send(Announce(500)).await.unwrap();
    writer.shutdown().await.unwrap();
    seen.wait_for("calm 499", 1).await;
    assert_eq!(seen.all(), Vec::from_iter((0..500).map(|number| format!("calm {number}"))));
    drop(reader);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_is_dropped_leaves_nothing_behind() {
    let (shared, seen) = (Shared::default(), Seen::default());
    let caller = shared.caller().await;
    for _ in 0..3 {
        let node = shared.node("acting").node_name("actor").provide(seen.clone());
        let node = node.handlers(handlers![support::act, support::calm, stick, support::shaky]).start().await.unwrap();
        // One that hangs, one that is to be tried again, and one whose caller waits.
        node.publish(Happened(1)).await.unwrap();
        node.publish(Stuck).await.unwrap();
        let hangs = tokio::time::timeout(Duration::from_millis(10), caller.send(Do::Hang).into_future());
        hangs.await.unwrap_err();
        drop(node);
        let gone = async {
            while tokio::runtime::Handle::current().metrics().num_alive_tasks() > 2 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        // The caller's relay and its look at the store go on; of the node nothing is left, so its name is free.
        tokio::time::timeout(Duration::from_secs(60), gone).await.expect("no task is left");
    }
}

#[tokio::test]
async fn a_node_is_ready_until_it_shuts_down_and_says_why_not() {
    let node = Catga::builder("acting").handlers([]).start().await.unwrap();
    assert!(node.health().await.is_ready());
    node.shutdown().await.unwrap();
    let health = node.health().await;
    assert!(!health.is_ready());
    assert_eq!(health.reasons[0], "the node is shutting down");
    assert!(health.reasons[1].starts_with("transport: "), "{health:?}");
}

#[tokio::test]
async fn a_node_that_shuts_down_gives_back_what_waits_and_another_one_handles_it_once() {
    let shared = Shared::default();
    let (first, second) = (Seen::default(), Seen::default());
    let caller = shared.caller().await;
    // It owns the command from then on.
    actor(&shared, "owner", &first).await.shutdown().await.unwrap();
    for _ in 0..500 {
        caller.enqueue(Do::Answer).await.unwrap();
    }
    let leaving = actor(&shared, "leaving", &first).await;
    leaving.shutdown().await.unwrap();
    let taken = first.count("done");
    assert!(taken < 10, "{taken} were taken while it shut down");
    let staying = actor(&shared, "staying", &second).await;
    second.wait_for("done", 500 - taken).await;
    staying.shutdown().await.unwrap();
    assert_eq!(first.count("done") + second.count("done"), 500);
}
