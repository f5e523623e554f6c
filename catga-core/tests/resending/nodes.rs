use std::future::pending;
use std::time::Duration;

use catga_core::context::Context;
use catga_core::node::NodeBuilder;
use catga_core::{Catga, Code, Node, Request, Result, handler, handlers, persistence, transport};
use catga_testkit::Seen;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// Its first run never ends.
#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = String)]
struct Place;

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = String, query)]
struct Look;

#[handler]
async fn place(_: Place, seen: &Seen, cx: &Context) -> Result<String> {
    run(seen, cx).await
}

#[handler]
async fn look(_: Look, seen: &Seen, cx: &Context) -> Result<String> {
    run(seen, cx).await
}

async fn run(seen: &Seen, cx: &Context) -> Result<String> {
    let is_first = seen.all().is_empty();
    seen.note(cx.node());
    if is_first { pending().await } else { Ok(cx.node().to_owned()) }
}

#[derive(Clone, Default)]
struct Cluster {
    transport: transport::InMemory,
    persistence: persistence::InMemory,
    seen: Seen,
}

impl Cluster {
    fn builder(&self, name: &str) -> NodeBuilder {
        let builder = Catga::builder("orders").node_name(name).transport(self.transport.clone());
        builder.provide(self.seen.clone()).handlers(handlers![place, look]).grace(Duration::from_millis(50))
    }

    async fn node(&self, name: &str, remembers: bool) -> Node {
        let builder = self.builder(name);
        let builder = if remembers { builder.persistence(self.persistence.clone()) } else { builder };
        builder.start().await.unwrap()
    }

    async fn caller(&self) -> Node {
        Catga::builder("front").handlers([]).transport(self.transport.clone()).start().await.unwrap()
    }

    /// A node in a runtime of its own, which dies with it: nothing of it goes on, and it says nothing.
    async fn mortal(&self, name: &str, remembers: bool) -> (Node, tokio::runtime::Runtime) {
        let body = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (cluster, name) = (self.clone(), name.to_owned());
        let node = body.spawn(async move { cluster.node(&name, remembers).await }).await.unwrap();
        (node, body)
    }
}

#[tokio::test]
async fn a_node_that_dies_amid_a_command_leaves_the_answer_to_another_one() {
    let cluster = Cluster::default();
    let (_node, body) = cluster.mortal("one", true).await;
    let caller = cluster.caller().await;
    let begun = Instant::now();
    let call = tokio::spawn(async move { caller.send(Place).await });
    cluster.seen.wait_for(1).await;
    let _other = cluster.node("other", true).await;
    body.shutdown_background();
    assert_eq!(call.await.unwrap().unwrap(), "other");
    // When the dead one's lease was over.
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
    assert_eq!(cluster.seen.all(), ["one", "other"]);
}

#[tokio::test]
async fn without_a_persistence_a_query_is_repeated_and_a_command_is_not() {
    let cluster = Cluster::default();
    let (_node, body) = cluster.mortal("one", false).await;
    let caller = cluster.caller().await;
    let query = {
        let caller = caller.clone();
        tokio::spawn(async move { caller.send(Look).await })
    };
    cluster.seen.wait_for(1).await;
    let _other = cluster.node("other", false).await;
    body.shutdown_background();
    assert_eq!(query.await.unwrap().unwrap(), "other");

    let cluster = Cluster::default();
    let (_node, body) = cluster.mortal("one", false).await;
    let caller = cluster.caller().await;
    let command = tokio::spawn(async move { caller.send(Place).await });
    cluster.seen.wait_for(1).await;
    let _other = cluster.node("other", false).await;
    body.shutdown_background();
    let error = command.await.unwrap().unwrap_err();
    assert_eq!(error.code(), Code::OutcomeUnknown, "{error}");
    assert_eq!(cluster.seen.all(), ["one"]);
}

#[tokio::test(start_paused = true)]
async fn a_command_that_is_cut_off_by_a_shutdown_is_handled_by_another_node() {
    for (remembers, is_dropped) in [(true, false), (true, true), (false, false), (false, true)] {
        let cluster = Cluster::default();
        let one = cluster.node("one", remembers).await;
        let caller = cluster.caller().await;
        let call = tokio::spawn(async move { caller.send(Place).await });
        cluster.seen.wait_for(1).await;
        let _other = cluster.node("other", remembers).await;
        if is_dropped {
            drop(one);
        } else {
            one.shutdown().await.unwrap();
        }
        assert_eq!(call.await.unwrap().unwrap(), "other", "{remembers} {is_dropped}");
    }
}
