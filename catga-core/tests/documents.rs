//! Documents through whole nodes: two of one service, which share a transport and a persistence and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use catga_core::context::Context;
use catga_core::handler::Registration;
use catga_core::mediator::Routing;
use catga_core::persistence::{self, Document, Documents, DocumentsView};
use catga_core::{Catga, Code, Error, Event, Node, Request, Result, handler, handlers, transport};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, catga_core::Schema)]
struct Order {
    id: u32,
    is_shipped: bool,
}

impl Document for Order {
    const NAME: &'static str = "Order";
    type Key = u32;

    fn key(&self) -> u32 {
        self.id
    }
}

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = ())]
struct Place {
    id: u32,
    fails: bool,
}

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = Order)]
struct Ship {
    id: u32,
}

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = Option<Order>, query)]
struct Find {
    id: u32,
}

#[derive(Event, Clone, Serialize, Deserialize)]
struct Placed {
    id: u32,
}

/// How many `Placed` this node, and its service, have seen.
#[derive(Default)]
struct Seen {
    here: AtomicU32,
    of_service: AtomicU32,
}

#[handler(unlinked)]
async fn place(command: Place, orders: &Documents<Order>, cx: &Context) -> Result<()> {
    orders.insert(cx, &Order { id: command.id, is_shipped: false })?;
    cx.publish(Placed { id: command.id })?;
    if command.fails { Err(Error::validation("not today")) } else { Ok(()) }
}

#[handler(unlinked)]
async fn ship(command: Ship, orders: &Documents<Order>, cx: &Context) -> Result<Order> {
    let mut order = orders.get(cx, &command.id).await?.ok_or_else(|| Error::not_found("no such order"))?;
    // Long enough for others to read the same version.
    tokio::time::sleep(Duration::from_millis(5)).await;
    if order.is_shipped {
        return Err(Error::conflict("it is shipped already"));
    }
    order.is_shipped = true;
    orders.update(cx, &order)?;
    Ok(order)
}

#[handler(unlinked)]
async fn find(query: Find, orders: &DocumentsView<Order>) -> Result<Option<Order>> {
    orders.get(&query.id).await
}

#[handler(unlinked)]
async fn see(_: &Placed, seen: &Seen) -> Result<()> {
    seen.here.fetch_add(1, Ordering::SeqCst);
    Ok(())
}

#[handler(unlinked, once_per = "service")]
async fn see_once(event: Placed, seen: &Seen, orders: &DocumentsView<Order>) -> Result<()> {
    let found = orders.get(&event.id).await?;
    found.ok_or_else(|| Error::internal("an event came before what it tells of"))?;
    seen.of_service.fetch_add(1, Ordering::SeqCst);
    Ok(())
}

#[handler(unlinked)]
async fn writes_in_a_query(query: Find, orders: &Documents<Order>, cx: &Context) -> Result<Option<Order>> {
    orders.get(cx, &query.id).await
}

#[handler(unlinked)]
async fn writes_on_every_node(event: Placed, orders: &Documents<Order>, cx: &Context) -> Result<()> {
    orders.get(cx, &event.id).await.map(drop)
}

/// Nodes of one service, each with what it has seen.
async fn cluster<const N: usize>() -> Vec<(Node, Arc<Seen>)> {
    let (transport, persistence) = (transport::InMemory::new(), persistence::InMemory::new());
    let mut nodes = Vec::new();
    for number in 0..N {
        let seen = Arc::new(Seen::default());
        let node = Catga::builder("orders")
            .node_name(format!("node-{number}"))
            .transport(transport.clone())
            .persistence(persistence.clone())
            .routing(Routing::Balanced)
            .provide_as(seen.clone())
            .handlers(handlers![place, ship, find, see, see_once])
            .start()
            .await
            .unwrap();
        nodes.push((node, seen));
    }
    nodes
}

/// Waits on the paused clock, which goes on when all tasks are idle.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..1_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{what} didn't come");
}

#[tokio::test(start_paused = true)]
async fn a_document_and_its_event_are_committed_as_one() {
    let nodes = cluster::<2>().await;
    for id in 0..20 {
        let (asked, other) = (&nodes[id as usize % 2].0, &nodes[(id as usize + 1) % 2].0);
        let fails = id % 4 == 3;
        let placed = asked.send(Place { id, fails }).await;
        assert_eq!(placed.is_err(), fails);
        let found = other.send(Find { id }).await.unwrap();
        assert_eq!(found.is_some(), !fails, "seen at once, on each node");
    }
    let count = |counter: fn(&Seen) -> &AtomicU32| -> Vec<u32> {
        nodes.iter().map(|(_, seen)| counter(seen).load(Ordering::SeqCst)).collect()
    };
    until("each event on each node", || count(|seen| &seen.here) == [15, 15]).await;
    until("each event once", || count(|seen| &seen.of_service).iter().sum::<u32>() == 15).await;
    for (node, _) in &nodes {
        node.shutdown().await.unwrap();
    }
    assert_eq!(count(|seen| &seen.here), [15, 15], "and nothing of what failed");
    assert_eq!(count(|seen| &seen.of_service).iter().sum::<u32>(), 15);
}

#[tokio::test(start_paused = true)]
async fn of_two_that_change_one_document_one_runs_again_on_what_is_there() {
    let nodes = cluster::<2>().await;
    nodes[0].0.send(Place { id: 7, fails: false }).await.unwrap();
    let again = nodes[1].0.send(Place { id: 7, fails: false }).await.unwrap_err();
    assert_eq!(again.code(), Code::Conflict);
    let (one, other) = tokio::join!(nodes[0].0.send(Ship { id: 7 }), nodes[1].0.send(Ship { id: 7 }));
    let (shipped, refused) = if one.is_ok() { (one, other) } else { (other, one) };
    assert_eq!(shipped.unwrap(), Order { id: 7, is_shipped: true });
    assert_eq!(refused.unwrap_err().message(), "it is shipped already");
}

/// Why a node with these handlers doesn't start.
async fn refused(handlers: Vec<&'static Registration>, has_persistence: bool) -> String {
    let mut builder = Catga::builder("orders").transport(transport::InMemory::new()).handlers(handlers);
    if has_persistence {
        builder = builder.persistence(persistence::InMemory::new());
    }
    builder.start().await.err().unwrap().to_string()
}

#[tokio::test(start_paused = true)]
async fn who_may_not_write_or_has_nowhere_to_is_refused_at_start() {
    let query = refused(handlers![writes_in_a_query].to_vec(), true).await;
    assert!(query.contains("asks for `Documents`, but a query only reads: ask for `DocumentsView`"), "{query}");
    let plain = refused(handlers![writes_on_every_node].to_vec(), true).await;
    assert!(
        plain.ends_with(
            "asks for `Documents`, but it runs on every node, so each of them would do it: ask for `DocumentsView`, or write \
             `#[handler(once_per = \"service\")]`"
        ),
        "{plain}"
    );
    let nowhere = refused(handlers![find].to_vec(), false).await;
    assert!(nowhere.contains("but there is no persistence: call `.persistence(…)` on the node's builder"), "{nowhere}");
}
