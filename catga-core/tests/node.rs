//! Nodes: one and several, over the embedded transport and persistence.

use std::collections::BTreeMap;
use std::time::Duration;

use catga_core::context::Context;
use catga_core::mediator::Routing;
use catga_core::message::MessageId;
use catga_core::node::NodeBuilder;
use catga_core::persistence::{self, Document, Documents, DocumentsView};
use catga_core::{Catga, Code, Error, Event, Node, Request, Result, Schema, handler, handlers, transport};
use catga_testkit::Seen;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Order {
    id: String,
    shipped: bool,
}

impl Document for Order {
    const NAME: &'static str = "order";
    type Key = String;

    fn key(&self) -> String {
        self.id.clone()
    }
}

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = Placed)]
struct Place {
    id: String,
}

#[derive(Schema, Debug, PartialEq, Serialize, Deserialize)]
struct Placed {
    id: String,
    by: String,
}

#[derive(Request, Serialize, Deserialize)]
#[request(response = Option<bool>, query)]
struct IsShipped {
    id: String,
}

#[derive(Event, Clone, Serialize, Deserialize)]
struct OrderPlaced {
    id: String,
}

#[handler]
async fn place(command: Place, orders: &Documents<Order>, cx: &Context) -> Result<Placed> {
    orders.insert(cx, &Order { id: command.id.clone(), shipped: false })?;
    cx.publish(OrderPlaced { id: command.id.clone() })?;
    Ok(Placed { id: command.id, by: cx.node().to_owned() })
}

#[handler]
async fn is_shipped(query: &IsShipped, orders: &DocumentsView<Order>) -> Result<Option<bool>> {
    Ok(orders.get(&query.id).await?.map(|order| order.shipped))
}

#[handler]
async fn show(event: &OrderPlaced, seen: &Seen, cx: &Context) -> Result<()> {
    seen.note(format!("{} on {}", event.id, cx.node()));
    Ok(())
}

#[handler(once_per = "service")]
async fn receipt(event: OrderPlaced, receipts: &Receipts, cx: &Context) -> Result<()> {
    receipts.0.note(format!("{} by {}", event.id, cx.node()));
    Ok(())
}

/// What was done once for the service.
#[derive(Clone, Default)]
struct Receipts(Seen);

/// A cluster of nodes over one transport and one persistence.
struct Cluster {
    nodes: Vec<(Node, Seen)>,
    receipts: Receipts,
}

impl Cluster {
    async fn of(count: usize, routing: Routing) -> Self {
        let (transport, persistence) = (transport::InMemory::new(), persistence::InMemory::new());
        let receipts = Receipts::default();
        let mut nodes = Vec::new();
        for number in 1..=count {
            let seen = Seen::default();
            let node = orders(&seen, &receipts)
                .node_name(format!("orders-{number}"))
                .routing(routing)
                .transport(transport.clone())
                .persistence(persistence.clone())
                .start()
                .await
                .unwrap();
            nodes.push((node, seen));
        }
        Self { nodes, receipts }
    }

    fn node(&self, place: usize) -> &Node {
        &self.nodes[place].0
    }
}

fn orders(seen: &Seen, receipts: &Receipts) -> NodeBuilder {
    Catga::builder("orders")
        .provide(seen.clone())
        .provide(receipts.clone())
        .handlers(handlers![place, is_shipped, show, receipt])
}

#[tokio::test]
async fn a_command_and_its_event_and_a_query_meet_on_one_node() {
    let cluster = Cluster::of(1, Routing::LocalFirst).await;
    let placed = cluster.node(0).send(Place { id: "7".into() }).await.unwrap();
    assert_eq!(placed, Placed { id: "7".into(), by: "orders-1".into() });
    assert_eq!(cluster.node(0).send(IsShipped { id: "7".into() }).await.unwrap(), Some(false));
    assert_eq!(cluster.node(0).send(IsShipped { id: "8".into() }).await.unwrap(), None);
    assert_eq!(cluster.nodes[0].1.wait_for(1).await, ["7 on orders-1"]);
}

#[tokio::test]
async fn every_node_gets_an_event_and_one_of_the_service_gets_it_once() {
    let cluster = Cluster::of(3, Routing::Balanced).await;
    for number in 0..30 {
        cluster.node(0).send(Place { id: number.to_string() }).await.unwrap();
    }
    for (node, seen) in &cluster.nodes {
        let mut expected: Vec<_> = (0..30).map(|number| format!("{number} on {}", node.name())).collect();
        let mut seen = seen.wait_for(30).await;
        expected.sort();
        seen.sort();
        assert_eq!(seen, expected);
    }
    let receipts = cluster.receipts.0.wait_for(30).await;
    let orders: std::collections::BTreeSet<_> = receipts.iter().map(|line| line.split(' ').next()).collect();
    assert_eq!((receipts.len(), orders.len()), (30, 30));
}

#[tokio::test]
async fn balanced_requests_reach_all_nodes() {
    let cluster = Cluster::of(3, Routing::Balanced).await;
    let mut by = BTreeMap::new();
    for number in 0..300 {
        let placed = cluster.node(0).send(Place { id: number.to_string() }).await.unwrap();
        *by.entry(placed.by).or_insert(0) += 1;
    }
    assert_eq!(by.len(), 3);
    assert!(by.values().all(|&count| count >= 60), "{by:?}");
}

#[tokio::test]
async fn a_document_is_seen_on_every_node_when_the_command_has_returned() {
    let cluster = Cluster::of(3, Routing::Balanced).await;
    for number in 0..30 {
        let id = number.to_string();
        cluster.node(0).send(Place { id: id.clone() }).await.unwrap();
        for (node, _) in &cluster.nodes {
            assert_eq!(node.send(IsShipped { id: id.clone() }).await.unwrap(), Some(false));
        }
    }
}

#[tokio::test]
async fn what_exists_is_a_conflict_here_and_from_another_node() {
    let cluster = Cluster::of(2, Routing::LocalFirst).await;
    cluster.node(0).send(Place { id: "7".into() }).await.unwrap();
    for _ in 0..4 {
        let here = cluster.node(0).send(Place { id: "7".into() }).await.unwrap_err();
        let there = cluster.node(1).send(Place { id: "7".into() }).balanced().await.unwrap_err();
        assert_eq!((here.code(), there.code()), (Code::Conflict, Code::Conflict));
    }
    assert_eq!(cluster.nodes[0].1.wait_for(1).await.len(), 1);
}

#[tokio::test]
async fn an_enqueued_command_is_handled_once() {
    let cluster = Cluster::of(3, Routing::LocalFirst).await;
    let id = MessageId::new();
    for _ in 0..3 {
        cluster.node(0).enqueue(Place { id: "7".into() }).id(id).await.unwrap();
    }
    assert_eq!(cluster.receipts.0.wait_for(1).await.len(), 1);
    assert_eq!(cluster.node(1).send(IsShipped { id: "7".into() }).await.unwrap(), Some(false));
}

#[tokio::test]
async fn nobody_handles_what_no_node_has_a_handler_for() {
    #[derive(Request, Serialize, Deserialize)]
    #[request(response = ())]
    struct Unheard;

    let cluster = Cluster::of(1, Routing::LocalFirst).await;
    let error = cluster.node(0).send(Unheard).await.unwrap_err();
    assert_eq!(error.code(), Code::NoHandler);
    assert!(!error.can_retry());
}

#[tokio::test]
async fn two_nodes_of_one_name_are_refused() {
    let transport = transport::InMemory::new();
    let start = || orders(&Seen::default(), &Receipts::default()).node_name("one").transport(transport.clone());
    let persistence = persistence::InMemory::new();
    let first = start().persistence(persistence.clone()).start().await.unwrap();
    let error = start().persistence(persistence.clone()).start().await.unwrap_err();
    assert_eq!(error.code(), Code::Conflict);
    first.shutdown().await.unwrap();
    start().persistence(persistence).start().await.unwrap();
}

#[tokio::test]
async fn a_node_that_was_shut_down_takes_no_more_and_the_others_go_on() {
    let cluster = Cluster::of(2, Routing::Balanced).await;
    cluster.node(1).shutdown().await.unwrap();
    assert!(!cluster.node(1).health().await.is_ready());
    for number in 0..10 {
        let placed = cluster.node(0).send(Place { id: number.to_string() }).await.unwrap();
        assert_eq!(placed.by, "orders-1");
    }
}

#[tokio::test]
async fn the_longest_of_durations_is_no_panic() {
    let node = orders(&Seen::default(), &Receipts::default())
        .node_name("orders-1")
        .deadline(Duration::MAX)
        .grace(Duration::MAX)
        .start()
        .await
        .unwrap();
    let place = |id: &str| node.send(Place { id: id.to_owned() });
    place("here").deadline(Duration::MAX).await.unwrap();
    place("anywhere").balanced().await.unwrap();
    place("anywhere, and said").deadline(Duration::MAX).balanced().await.unwrap();
    node.enqueue(Place { id: "never".into() }).after(Duration::MAX).await.unwrap();
    node.shutdown().await.unwrap();
}

#[tokio::test]
async fn what_no_node_got_in_time_has_had_no_effect() {
    let cluster = Cluster::of(1, Routing::Balanced).await;
    for number in 0..20 {
        let late = cluster.node(0).send(Place { id: number.to_string() }).deadline(Duration::ZERO);
        let error = late.await.unwrap_err();
        assert_eq!(error.code(), Code::Timeout, "{error}");
    }
    assert_eq!(cluster.node(0).send(IsShipped { id: "0".into() }).await.unwrap(), None);
}

/// Is handled until the node says stop, or the test lets it go.
#[derive(Request, Serialize, Deserialize)]
#[request(response = String)]
struct Wait;

#[derive(Clone)]
struct Gate(std::sync::Arc<tokio::sync::Semaphore>);

#[handler]
async fn wait(_: Wait, seen: &Seen, gate: &Gate, cx: &Context) -> Result<String> {
    seen.note("begun");
    tokio::select! {
        () = cx.cancelled() => return Ok("cancelled".into()),
        gone = gate.0.acquire() => drop(gone),
    }
    cx.publish(OrderPlaced { id: "late".into() })?;
    cx.send(IsShipped { id: "late".into() }).await?;
    Ok("done".into())
}

/// A node on which a [`Wait`] waits.
async fn waiting(
    transport: &transport::InMemory,
    grace: Duration,
) -> (Node, Gate, tokio::task::JoinHandle<Result<String>>) {
    let (seen, gate) = (Seen::default(), Gate(std::sync::Arc::new(tokio::sync::Semaphore::new(0))));
    let node = Catga::builder("waiting")
        .provide(seen.clone())
        .provide(gate.clone())
        .handlers(handlers![wait, is_shipped])
        .transport(transport.clone())
        .persistence(persistence::InMemory::new())
        .grace(grace)
        .node_name("waiting-1")
        .start()
        .await
        .unwrap();
    let caller = node.clone();
    let call = tokio::spawn(async move { caller.send(Wait).await });
    seen.wait_for(1).await;
    (node, gate, call)
}

#[tokio::test]
async fn a_shutdown_waits_for_a_handler_that_a_send_runs_here_and_lets_its_event_out() {
    let transport = transport::InMemory::new();
    let shown = Seen::default();
    let other = Catga::builder("showing").provide(shown.clone()).handlers(handlers![show]).transport(transport.clone());
    let other = other.node_name("showing-1").start().await.unwrap();
    let (node, gate, call) = waiting(&transport, Duration::from_secs(30)).await;
    let stopping = node.clone();
    let mut shutdown = tokio::spawn(async move { stopping.shutdown().await });
    let too_soon = tokio::time::timeout(Duration::from_millis(50), &mut shutdown).await;
    assert!(too_soon.is_err(), "the shutdown ended before the handler did");
    gate.0.add_permits(1);
    shutdown.await.unwrap().unwrap();
    assert_eq!(call.await.unwrap().unwrap(), "done");
    assert_eq!(shown.wait_for(1).await, ["late on showing-1"]);
    other.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_shutdown_waits_for_the_answers_of_other_nodes() {
    let transport = transport::InMemory::new();
    let (worker, gate, here) = waiting(&transport, Duration::from_secs(30)).await;
    let front = Catga::builder("front").handlers([]).transport(transport).start().await.unwrap();
    let mut call = Box::pin(front.send(Wait).into_future());
    assert!(futures_util::poll!(&mut call).is_pending());
    let mut shutdown = Box::pin(front.shutdown());
    let too_soon = tokio::time::timeout(Duration::from_millis(50), &mut shutdown).await;
    assert!(too_soon.is_err(), "the shutdown ended before the answer came");
    gate.0.add_permits(2);
    let (ended, answer) = tokio::join!(shutdown, call);
    ended.unwrap();
    assert_eq!(answer.unwrap(), "done");
    assert_eq!(here.await.unwrap().unwrap(), "done");
    worker.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_handler_that_a_send_runs_here_is_told_when_the_grace_period_is_over() {
    let (node, _gate, call) = waiting(&transport::InMemory::new(), Duration::from_millis(20)).await;
    node.shutdown().await.unwrap();
    assert_eq!(call.await.unwrap().unwrap(), "cancelled");
}

#[tokio::test]
async fn a_node_that_was_shut_down_makes_no_calls() {
    let seen = Seen::default();
    let node = orders(&seen, &Receipts::default()).node_name("orders-1").start().await.unwrap();
    node.shutdown().await.unwrap();
    let place = || Place { id: "7".into() };
    let refused = [
        node.send(place()).await.map(drop),
        node.send(place()).balanced().await.map(drop),
        node.publish(OrderPlaced { id: "7".into() }).await,
        node.enqueue(place()).await,
    ];
    for error in refused.map(Result::unwrap_err) {
        assert_eq!((error.code(), error.message()), (Code::Unavailable, "the node `orders-1` was shut down"));
    }
}

#[tokio::test]
async fn all_that_is_wrong_is_told_at_once() {
    let builder = Catga::builder("orders!").cluster("").node_name("a.b").roles(["", " a"]).deadline(Duration::ZERO);
    let error = builder.handlers(handlers![is_shipped, show]).start().await.unwrap_err();
    assert_eq!(error.code(), Code::Validation);
    let rule = "name is 1 to 64 ASCII letters, digits, `-` or `_`, which";
    let of_roles = rule.replace("64", "100");
    let mistakes = [
        "a node of the service \"orders!\" can't start:".to_owned(),
        format!("  - the cluster's {rule} \"\" isn't"),
        format!("  - the service's {rule} \"orders!\" isn't"),
        format!("  - the node's {rule} \"a.b\" isn't"),
        format!("  - the role's {of_roles} \"\" isn't"),
        format!("  - the role's {of_roles} \" a\" isn't"),
        "  - the deadline is zero, so no node could answer in time: give it a longer one".to_owned(),
    ];
    let told: Vec<_> = error.message().lines().collect();
    assert_eq!(told[..mistakes.len()], mistakes);
    // And what is wrong with the handlers: one asks for what nobody provided.
    let [handlers] = told[mistakes.len()..] else { panic!("{error}") };
    assert!(handlers.contains("Seen"), "{handlers}");
}

#[tokio::test]
async fn without_a_persistence_documents_are_refused_at_start() {
    let builder = orders(&Seen::default(), &Receipts::default()).transport(transport::InMemory::new());
    let error: Error = builder.start().await.unwrap_err();
    assert_eq!(error.code(), Code::Validation);
    assert!(error.to_string().contains("asks for documents of `node::Order`, but there is no persistence"), "{error}");
}
