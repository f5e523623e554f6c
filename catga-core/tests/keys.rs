//! Idempotency keys: the same key gives the same response, run once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use catga_core::codec::{BodyLimit, Codec};
use catga_core::context::Context;
use catga_core::envelope::{Envelope, Text};
use catga_core::mediator::{Mediator, Options, Routing};
use catga_core::message::MessageId;
use catga_core::node::NodeBuilder;
use catga_core::persistence::{self, Document, Documents, DocumentsView};
use catga_core::transport::{Frame, Member, Transport};
use catga_core::{Catga, Code, Error, Kind, Node, Request, Result, handler, handlers, transport};
use catga_testkit::Seen;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use tokio::time::Instant;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Order {
    number: u32,
    item: String,
}

impl Document for Order {
    const NAME: &'static str = "order";
    type Key = u32;

    fn key(&self) -> u32 {
        self.number
    }
}

/// Answers the number of a new order.
#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Place {
    item: String,
}

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Reserve {
    item: String,
}

#[derive(Request, Serialize, Deserialize)]
#[request(response = usize, query)]
struct HowMany;

/// The numbers of orders: another one for each run.
#[derive(Clone, Default)]
struct Numbers(Arc<AtomicU32>);

impl Numbers {
    fn next(&self) -> u32 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn given(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }
}

#[handler]
async fn place(command: &Place, orders: &Documents<Order>, numbers: &Numbers, cx: &Context) -> Result<u32> {
    let number = numbers.next();
    tokio::task::yield_now().await;
    orders.insert(cx, &Order { number, item: command.item.clone() })?;
    Ok(number)
}

#[handler]
async fn reserve(command: Reserve, numbers: &Numbers) -> Result<u32> {
    match command.item.as_str() {
        "nothing" => Err(Error::validation(format!("refused at run {}", numbers.next()))),
        "later" => Err(Error::unavailable(format!("failed at run {}", numbers.next()))),
        "panic" => panic!("run {}", numbers.next()),
        _ => Ok(numbers.next()),
    }
}

#[handler]
async fn how_many(_: HowMany, orders: &DocumentsView<Order>) -> Result<usize> {
    Ok(orders.list("", None, 1000).await?.documents.len())
}

/// The nodes of services that share the seams and the numbers.
#[derive(Clone, Default)]
struct Cluster {
    transport: transport::InMemory,
    persistence: persistence::InMemory,
    numbers: Numbers,
}

impl Cluster {
    fn builder(&self) -> NodeBuilder {
        self.of("orders", &self.persistence)
    }

    fn of(&self, service: &str, persistence: &persistence::InMemory) -> NodeBuilder {
        let builder =
            Catga::builder(service).provide(self.numbers.clone()).handlers(handlers![place, reserve, how_many]);
        builder.transport(self.transport.clone()).persistence(persistence.clone())
    }

    async fn node(&self) -> Node {
        self.builder().start().await.unwrap()
    }
}

fn tea() -> Place {
    Place { item: "tea".into() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_key_and_body_on_any_node_is_one_order_also_48_at_once() {
    for routing in [Routing::LocalFirst, Routing::Balanced] {
        let cluster = Cluster::default();
        let mut nodes = Vec::new();
        for _ in 0..3 {
            nodes.push(cluster.builder().routing(routing).start().await.unwrap());
        }
        let calls = (0..48).map(|number| {
            let node = nodes[number % 3].clone();
            tokio::spawn(async move { node.send(tea()).key("order-1").await })
        });
        let calls: Vec<_> = calls.collect();
        let mut responses = BTreeSet::new();
        for call in calls {
            responses.insert(call.await.unwrap().unwrap());
        }
        assert_eq!(Vec::from_iter(responses), [1], "{routing:?}");
        assert_eq!(nodes[0].send(tea()).key("order-1").await.unwrap(), 1);
        assert_eq!((cluster.numbers.given(), nodes[0].send(HowMany).await.unwrap()), (1, 1));
        assert_eq!(nodes[1].send(tea()).key("order-2").await.unwrap(), 2);
    }
}

#[tokio::test]
async fn same_key_other_body_conflicts() {
    let cluster = Cluster::default();
    let (one, other) = (cluster.node().await, cluster.node().await);
    assert_eq!(one.send(tea()).key("order-1").await.unwrap(), 1);
    let coffee = || Place { item: "coffee".into() };
    for error in [
        one.send(coffee()).key("order-1").await.unwrap_err(),
        other.send(coffee()).key("order-1").await.unwrap_err(),
        other.send(coffee()).key("order-1").balanced().await.unwrap_err(),
    ] {
        assert_eq!(error.code(), Code::KeyReused);
        assert_eq!(error.message(), "the idempotency key was used before, for another body");
        assert!(!error.can_retry());
    }
    assert_eq!(cluster.numbers.given(), 1);
}

#[tokio::test]
async fn keys_scoped() {
    let cluster = Cluster::default();
    let node = cluster.node().await;
    assert_eq!(node.send(tea()).key("1").await.unwrap(), 1);
    // Another principal, another request, another service.
    assert_eq!(node.send(tea()).key("1").as_principal("Ann").await.unwrap(), 2);
    assert_eq!(node.send(tea()).key("1").as_principal("Bob").balanced().await.unwrap(), 3);
    assert_eq!(node.send(Reserve { item: "tea".into() }).key("1").await.unwrap(), 4);
    let apart = Cluster { transport: transport::InMemory::new(), ..cluster.clone() };
    let elsewhere = apart.of("shop", &cluster.persistence).start().await.unwrap();
    assert_eq!(elsewhere.send(tea()).key("1").await.unwrap(), 5);
    // And each is known again.
    assert_eq!(node.send(tea()).key("1").as_principal("Ann").await.unwrap(), 2);
    assert_eq!(elsewhere.send(tea()).key("1").await.unwrap(), 5);
}

#[tokio::test]
async fn answers_are_final_errors_are_not() {
    let cluster = Cluster::default();
    let node = cluster.node().await;
    let reserve = |item: &str, key: &str| node.send(Reserve { item: item.into() }).key(key).into_future();
    for _ in 0..2 {
        assert_eq!(reserve("tea", "1").await.unwrap(), 1);
        let error = reserve("nothing", "2").await.unwrap_err();
        assert_eq!((error.code(), error.message()), (Code::Validation, "refused at run 2"));
    }
    // Each call makes three attempts, and tells of the last.
    for run in [5, 8] {
        assert_eq!(reserve("later", "3").await.unwrap_err().message(), format!("failed at run {run}"));
    }
    for run in [11, 14] {
        assert!(reserve("panic", "4").await.unwrap_err().message().ends_with(&format!("panicked: run {run}")));
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_is_forgotten_when_its_time_is_over() {
    for (keep, builder) in [
        (Duration::from_secs(24 * 60 * 60), Cluster::default().builder()),
        (Duration::from_secs(600), Cluster::default().builder().keep_keys_for(Duration::from_secs(600))),
    ] {
        let node = builder.start().await.unwrap();
        assert_eq!(node.send(tea()).key("1").await.unwrap(), 1);
        tokio::time::sleep(keep - Duration::from_secs(1)).await;
        assert_eq!(node.send(tea()).key("1").await.unwrap(), 1);
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(node.send(tea()).key("1").await.unwrap(), 2);
        node.shutdown().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn keys_are_kept_from_a_second_to_a_year() {
    for time in [Duration::ZERO, Duration::from_millis(999), Duration::MAX] {
        let error = Cluster::default().builder().keep_keys_for(time).start().await.unwrap_err();
        assert_eq!(error.code(), Code::Validation);
        assert!(error.message().contains("idempotency keys are kept from 1 second to 366 days"), "{error}");
    }
    let year = Duration::from_secs(366 * 24 * 60 * 60);
    let node = Cluster::default().builder().keep_keys_for(year).start().await.unwrap();
    assert_eq!(node.send(tea()).key("1").await.unwrap(), 1);
}

/// Is done when the test says so.
#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Slow;

#[handler]
async fn slow(_: Slow, numbers: &Numbers, gate: &Gate, seen: &Seen) -> Result<u32> {
    seen.note("begun");
    gate.0.acquire().await.map_err(|_| Error::internal("the gate is gone"))?.forget();
    Ok(numbers.next())
}

#[derive(Clone)]
struct Gate(Arc<Semaphore>);

async fn slow_node(cluster: &Cluster) -> (Node, Gate, Seen) {
    let (gate, seen) = (Gate(Arc::new(Semaphore::new(0))), Seen::default());
    let builder = cluster.builder().provide(gate.clone()).provide(seen.clone()).handlers(handlers![slow]);
    (builder.start().await.unwrap(), gate, seen)
}

#[tokio::test(start_paused = true)]
async fn second_caller_waits() {
    for balanced in [false, true] {
        let cluster = Cluster::default();
        let (node, gate, seen) = slow_node(&cluster).await;
        let send = || {
            let call = node.send(Slow).key("1").deadline(Duration::from_secs(60));
            if balanced { call.balanced().into_future() } else { call.into_future() }
        };
        let second = async {
            seen.wait_for(1).await;
            // One whose time is up first doesn't know what became of it.
            let begun = Instant::now();
            let error = node.send(Slow).key("1").deadline(Duration::from_secs(2)).await.unwrap_err();
            assert_eq!(error.code(), Code::OutcomeUnknown, "{error}");
            assert!((1900..2300).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
            let waiting = send();
            let opening = async {
                tokio::time::sleep(Duration::from_secs(10)).await;
                gate.0.add_permits(1);
            };
            tokio::join!(waiting, opening).0
        };
        let (first, second) = tokio::join!(send(), second);
        assert_eq!((first.unwrap(), second.unwrap(), seen.all().len()), (1, 1, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_is_dropped_leaves_the_key_to_the_next() {
    let cluster = Cluster::default();
    let (node, gate, seen) = slow_node(&cluster).await;
    let first = tokio::time::timeout(Duration::from_millis(100), node.send(Slow).key("1").into_future());
    first.await.unwrap_err();
    gate.0.add_permits(1);
    assert_eq!(node.send(Slow).key("1").await.unwrap(), 1);
    assert_eq!(seen.all().len(), 2);
}

#[tokio::test]
async fn an_enqueued_command_is_known_by_its_key_as_well() {
    let cluster = Cluster::default();
    let node = cluster.node().await;
    for _ in 0..3 {
        node.enqueue(tea()).key("1").await.unwrap();
    }
    assert_eq!(node.send(tea()).key("1").await.unwrap(), 1);
    node.shutdown().await.unwrap();
    assert_eq!(cluster.numbers.given(), 1);
}

#[tokio::test]
async fn where_nothing_remembers_keys_a_command_with_one_is_refused() {
    let alone = Mediator::builder().provide(Numbers::default()).handlers(handlers![reserve]).build().unwrap();
    let transport = transport::InMemory::new();
    let node = |service: &str| Catga::builder(service).transport(transport.clone());
    let owner = node("orders").provide(Numbers::default()).handlers(handlers![reserve]).start().await.unwrap();
    let caller = node("front").handlers([]).start().await.unwrap();
    let reserve = || Reserve { item: "tea".into() };
    for error in [
        alone.send(reserve()).key("1").await.unwrap_err(),
        owner.send(reserve()).key("1").await.unwrap_err(),
        owner.send(reserve()).key("1").balanced().await.unwrap_err(),
        caller.send(reserve()).key("1").await.unwrap_err(),
    ] {
        assert_eq!(error.code(), Code::Validation);
        assert!(error.message().starts_with("`Reserve` was sent with an idempotency key, and nothing here"), "{error}");
        assert!(error.message().contains("`.persistence(…)`"), "{error}");
    }
    assert_eq!(alone.send(reserve()).await.unwrap(), 1);
}

#[tokio::test]
async fn a_sender_that_cannot_tell_its_bodys_identity_leaves_that_to_the_node() {
    let cluster = Cluster::default();
    let node = cluster.node().await;
    let stranger = cluster.transport.join(Member::new("default", "shell", "shell-1").unwrap()).await.unwrap();
    let ask = async |body: &str| {
        let mut envelope = Envelope::new(MessageId::new(), "Place", Kind::Command, Codec::Json, body.to_owned());
        envelope.headers_mut().idempotency_key = Some(Text::new("1").unwrap());
        let mut replies = stranger.request(envelope, Duration::from_secs(10)).await.unwrap();
        loop {
            if let Frame::Reply(reply) = replies.next().await.unwrap() {
                return reply.decode::<Place>(BodyLimit::default());
            }
        }
    };
    assert_eq!(ask(r#"{"item": "tea"}"#).await.unwrap(), 1);
    assert_eq!(ask(r#"{ "item":"tea" }"#).await.unwrap(), 1);
    assert_eq!(node.send(tea()).key("1").await.unwrap(), 1);
    assert_eq!(ask(r#"{"item": "coffee"}"#).await.unwrap_err().code(), Code::KeyReused);
    assert_eq!(ask("{}").await.unwrap_err().code(), Code::Codec);
}

#[tokio::test]
async fn a_key_of_a_query_is_shown_and_no_more() {
    #[derive(Request, Serialize, Deserialize)]
    #[request(response = (Option<String>, u32), query)]
    struct Look;

    #[handler]
    async fn look(_: Look, numbers: &Numbers, cx: &Context) -> Result<(Option<String>, u32)> {
        Ok((cx.idempotency_key().map(str::to_owned), numbers.next()))
    }

    let node = Catga::builder("looking").provide(Numbers::default()).handlers(handlers![look]).start().await.unwrap();
    for routing in [Routing::LocalFirst, Routing::Balanced] {
        let options = Options::new().key("1").routing(routing);
        let (first, second) = (node.send(Look).options(options.clone()).await, node.send(Look).options(options).await);
        let ((shown, run), (_, next)) = (first.unwrap(), second.unwrap());
        assert_eq!((shown.as_deref(), next), (Some("1"), run + 1), "{routing:?}");
    }
}
