//! Handlers that read and write one document at the same time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use catga_core::context::Context;
use catga_core::mediator::Routing;
use catga_core::message::MessageId;
use catga_core::persistence::{Document, Documents, DocumentsView};
use catga_core::{Code, Node, Request, Result, handler, handlers};
use serde::{Deserialize, Serialize};
use tokio::sync::Barrier;

use crate::support::{Seen, Shared};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Counter {
    id: u32,
    count: u32,
}

impl Document for Counter {
    const NAME: &'static str = "counter";
    type Key = u32;

    fn key(&self) -> u32 {
        self.id
    }
}

/// Adds one to a counter, when so many others have read it as well.
#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Increment;

/// Who reads the counter at the same time, the first time.
struct Readers {
    first: Barrier,
    runs: AtomicUsize,
    meet: usize,
}

#[handler]
async fn increment(_: &Increment, counters: &Documents<Counter>, readers: &Readers, cx: &Context) -> Result<u32> {
    let counter = counters.get(cx, &0).await?;
    if readers.runs.fetch_add(1, Ordering::SeqCst) < readers.meet {
        readers.first.wait().await;
    }
    let count = counter.as_ref().map_or(0, |counter| counter.count) + 1;
    let counter = Counter { id: 0, count };
    if count == 1 {
        counters.insert(cx, &counter)?
    } else {
        counters.update(cx, &counter)?
    }
    Ok(count)
}

#[tokio::test]
async fn of_two_that_race_for_one_document_one_runs_again_here_and_elsewhere() {
    for routing in [Routing::LocalFirst, Routing::Balanced] {
        let shared = Shared::default();
        let readers = Arc::new(Readers { first: Barrier::new(2), runs: AtomicUsize::new(2), meet: 0 });
        let node = shared.node("counting").routing(routing).provide_as::<Readers>(readers.clone());
        let node = node.handlers(handlers![increment]).start().await.unwrap();
        // There is one, so that both update it.
        assert_eq!(node.send(Increment).await.unwrap(), 1);
        node.shutdown().await.unwrap();

        let readers = Arc::new(Readers { first: Barrier::new(2), runs: AtomicUsize::new(0), meet: 2 });
        let start = async |name: &str| {
            let node = shared.node("counting").node_name(name).routing(routing);
            node.provide_as::<Readers>(readers.clone()).handlers(handlers![increment]).start().await.unwrap()
        };
        let (one, other) = (start("one").await, start("other").await);
        let (first, second) = tokio::join!(one.send(Increment).into_future(), other.send(Increment).into_future());
        let mut counts = [first.unwrap(), second.unwrap()];
        counts.sort_unstable();
        assert_eq!(counts, [2, 3], "{routing:?}");
        assert_eq!(readers.runs.load(Ordering::SeqCst), 3, "{routing:?}");
    }
}

#[tokio::test]
async fn whoever_is_overtaken_again_and_again_gives_up_with_a_conflict() {
    /// Changes what it reads behind its own back, at each run.
    #[derive(Request, Serialize, Deserialize)]
    #[request(response = ())]
    struct Chase;

    #[handler]
    async fn chase(
        _: &Chase,
        counters: &Documents<Counter>,
        seen: &Seen,
        other: &OnceLock<Node>,
        cx: &Context,
    ) -> Result<()> {
        seen.note("run");
        let counter = counters.get(cx, &0).await?;
        other.get().unwrap().send(Overtake).await?;
        match counter {
            Some(counter) => counters.update(cx, &counter),
            None => counters.insert(cx, &Counter { id: 0, count: 0 }),
        }
    }

    #[derive(Request, Clone, Serialize, Deserialize)]
    #[request(response = ())]
    struct Overtake;

    #[handler]
    async fn overtake(_: Overtake, counters: &Documents<Counter>, cx: &Context) -> Result<()> {
        match counters.get(cx, &0).await? {
            Some(counter) => counters.update(cx, &Counter { count: counter.count + 1, ..counter }),
            None => counters.insert(cx, &Counter { id: 0, count: 0 }),
        }
    }

    let seen = Seen::default();
    let shared = Shared::default();
    let other = Arc::new(OnceLock::new());
    let node = shared.node("counting").provide(seen.clone()).provide_as::<OnceLock<Node>>(other.clone());
    let node = node.handlers(handlers![chase, overtake]).start().await.unwrap();
    other.set(node.clone()).unwrap();
    node.send(Overtake).await.unwrap();
    let error = node.send(Chase).await.unwrap_err();
    assert_eq!(error.code(), Code::Conflict);
    assert!(error.can_retry());
    assert!(error.message().contains("`chase` for `Chase`"), "{error}");
    assert_eq!(seen.count("run"), 8);
    let error = node.send(Chase).balanced().await.unwrap_err();
    assert!(error.can_retry(), "{error:?}");
    // Sent through the transport, it is tried three times.
    assert_eq!(seen.count("run"), 8 + 3 * 8);
}

#[derive(Request, Serialize, Deserialize)]
#[request(response = u32, query)]
struct Count;

#[handler]
async fn count(_: Count, counters: &DocumentsView<Counter>) -> Result<u32> {
    Ok(counters.get(&0).await?.map_or(0, |counter| counter.count))
}

#[tokio::test]
async fn a_command_that_comes_twice_under_one_id_is_done_once() {
    let shared = Shared::default();
    let readers = Arc::new(Readers { first: Barrier::new(1), runs: AtomicUsize::new(0), meet: 0 });
    let node = shared.node("counting").provide_as::<Readers>(readers);
    let node = node.handlers(handlers![increment, count]).start().await.unwrap();
    let id = MessageId::new();
    for _ in 0..3 {
        assert_eq!(node.send(Increment).id(id).balanced().await.unwrap(), 1);
    }
    assert_eq!(node.send(Count).await.unwrap(), 1);
}
