//! The context: what a handler knows, and what goes on with what it sends.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use catga_core::context::Context;
use catga_core::mediator::{Mediator, Options, Routing};
use catga_core::message::{Message, MessageId};
use catga_core::persistence::{self, Document, Documents};
use catga_core::{Catga, Code, Error, Event, Node, Request, Result, Schema, handler, handlers, transport};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

/// All that a context tells.
#[derive(Clone, Debug, PartialEq, Schema, Serialize, Deserialize)]
struct Told {
    id: String,
    correlation: String,
    causation: Option<String>,
    principal: Option<String>,
    header: Option<String>,
    key: Option<String>,
    attempt: u32,
    has_deadline: bool,
    node: String,
    service: String,
    is_cancelled: bool,
}

fn tell(cx: &Context) -> Told {
    assert_eq!(cx.message_id(), cx.message_id());
    Told {
        id: cx.message_id().to_string(),
        correlation: cx.correlation_id().to_string(),
        causation: cx.causation_id().map(|id| id.to_string()),
        principal: cx.principal().map(str::to_owned),
        header: cx.header("from").map(str::to_owned),
        key: cx.idempotency_key().map(str::to_owned),
        attempt: cx.attempt(),
        has_deadline: cx.deadline().is_some(),
        node: cx.node().to_owned(),
        service: cx.service().to_owned(),
        is_cancelled: cx.is_cancelled(),
    }
}

/// Asks a handler what its context tells, and that handler asks on, so many times.
#[derive(Request, Serialize, Deserialize)]
#[request(response = Vec<Told>)]
struct Ask {
    on: u32,
}

#[handler]
async fn ask(command: Ask, cx: &Context) -> Result<Vec<Told>> {
    let mut all = vec![tell(cx)];
    if command.on > 0 {
        all.extend(cx.send(Ask { on: command.on - 1 }).await?);
    }
    Ok(all)
}

fn is_carried_on(all: &[Told], id: MessageId, key: Option<&str>) {
    let [first, second, third] = all else { panic!("three handlers told: {all:?}") };
    assert_eq!((first.id.clone(), &first.correlation, &first.causation), (id.to_string(), &first.id, &None));
    for (parent, child) in [(first, second), (second, third)] {
        assert_ne!(child.id, parent.id);
        assert_eq!((&child.correlation, child.causation.as_ref()), (&first.id, Some(&parent.id)));
        assert_eq!((child.principal.as_deref(), child.has_deadline), (Some("Ann"), true));
        assert_eq!((&child.header, &child.key), (&None, &None), "headers and keys are of one message");
    }
    assert_eq!((first.principal.as_deref(), first.header.as_deref()), (Some("Ann"), Some("here")));
    assert_eq!((first.key.as_deref(), first.has_deadline, first.attempt), (key, true, 1));
    assert!(all.iter().all(|told| !told.is_cancelled));
}

#[tokio::test]
async fn correlation_causation_principal_and_deadline_go_on_in_process() {
    let mediator = Mediator::builder().handlers(handlers![ask]).build().unwrap();
    let id = MessageId::new();
    let call = mediator.send(Ask { on: 2 }).id(id).header("from", "here").as_principal("Ann");
    let all = call.deadline(Duration::from_secs(60)).await.unwrap();
    is_carried_on(&all, id, None);
    assert!(all.iter().all(|told| (told.node.as_str(), told.service.as_str()) == ("local", "local")));
}

#[tokio::test]
async fn they_go_on_from_node_to_node_as_well() {
    let (one, other) = two_nodes(|builder| builder.handlers(handlers![ask])).await;
    let mut nodes = std::collections::BTreeSet::new();
    for key in ["one", "two", "three", "four"] {
        let id = MessageId::new();
        let call = one.send(Ask { on: 2 }).id(id).key(key).header("from", "here").as_principal("Ann");
        let all = call.deadline(Duration::from_secs(60)).await.unwrap();
        is_carried_on(&all, id, Some(key));
        nodes.extend(all.iter().map(|told| told.node.clone()));
        assert!(all.iter().all(|told| told.service == "asking"));
    }
    assert_eq!(Vec::from_iter(nodes), [one.name(), other.name()]);
}

#[tokio::test]
async fn what_nobody_gave_is_not_there() {
    let mediator = Mediator::builder().handlers(handlers![ask]).build().unwrap();
    let told = mediator.send(Ask { on: 0 }).await.unwrap().remove(0);
    assert_eq!(told.id, told.correlation);
    assert_eq!((told.causation, told.principal, told.header, told.key), (None, None, None, None));
    assert_eq!((told.attempt, told.has_deadline), (1, false));
}

/// Two nodes of one service, which share what they handle.
async fn two_nodes(build: impl Fn(catga_core::node::NodeBuilder) -> catga_core::node::NodeBuilder) -> (Node, Node) {
    let (transport, persistence) = (transport::InMemory::new(), persistence::InMemory::new());
    let start = async |name: &str| {
        let builder = Catga::builder("asking").node_name(name).routing(Routing::Balanced);
        let builder = builder.transport(transport.clone()).persistence(persistence.clone());
        build(builder).start().await.unwrap()
    };
    (start("asking-1").await, start("asking-2").await)
}

/// Publishes an event, enqueues a command, and says what its own context tells.
#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = Told)]
struct PutOut {
    header: bool,
}

#[derive(Event, Clone, Serialize, Deserialize)]
struct Happened;

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = ())]
struct Later;

#[handler]
async fn put_out(command: PutOut, cx: &Context) -> Result<Told> {
    let options = || if command.header { Options::new().header("from", "there") } else { Options::new() };
    cx.publish_with(Happened, options())?;
    cx.enqueue_with(Later, options())?;
    Ok(tell(cx))
}

type Telling = mpsc::Sender<(&'static str, Told)>;

#[handler]
async fn happened(_: Happened, telling: &Telling, cx: &Context) -> Result<()> {
    telling.send(("event", tell(cx))).await.map_err(|_| Error::internal("nobody listens"))
}

#[handler]
async fn later(_: Later, telling: &Telling, cx: &Context) -> Result<()> {
    telling.send(("command", tell(cx))).await.map_err(|_| Error::internal("nobody listens"))
}

#[tokio::test]
async fn what_is_put_out_carries_on_correlation_causation_and_principal_and_its_own_headers_only() {
    for header in [false, true] {
        let (telling, mut told) = mpsc::channel(8);
        let (one, _other) = two_nodes(|builder| {
            builder.provide::<Telling>(telling.clone()).handlers(handlers![put_out, happened, later])
        })
        .await;
        let parent = one.send(PutOut { header }).as_principal("Ann").header("from", "here").key("one").await.unwrap();
        let mut kinds = Vec::new();
        for _ in 0..3 {
            let (kind, child) = told.recv().await.unwrap();
            kinds.push(kind);
            assert_ne!(child.id, parent.id);
            assert_eq!((&child.correlation, child.causation.as_ref()), (&parent.id, Some(&parent.id)));
            assert_eq!(child.principal.as_deref(), Some("Ann"));
            assert_eq!(child.header.as_deref(), header.then_some("there"));
            assert_eq!((child.key, child.has_deadline), (None, false));
        }
        kinds.sort_unstable();
        assert_eq!(kinds, ["command", "event", "event"]);
    }
}

#[derive(Request, Serialize, Deserialize)]
#[request(response = (), query)]
struct Look;

#[tokio::test]
async fn whoever_only_reads_may_not_put_anything_out() {
    #[handler]
    async fn look(_: Look, cx: &Context) -> Result<()> {
        let refused = cx.publish(Happened).unwrap_err();
        assert_eq!(refused.code(), Code::Internal);
        let text = refused.message();
        assert!(text.starts_with("`look` for `Look` ("), "{text}");
        assert!(text.ends_with("may not publish or enqueue: a query only reads"), "{text}");
        let refused = cx.send(Later).await.unwrap_err();
        assert!(refused.message().ends_with("may not send commands: a query only reads"), "{refused}");
        cx.enqueue(Later)
    }

    #[handler]
    async fn witness(_: Happened, telling: &mpsc::Sender<Error>, cx: &Context) -> Result<()> {
        let refused = cx.send(Later).await.unwrap_err();
        assert!(refused.message().contains("may not send commands: it runs on every node"), "{refused}");
        let _ = telling.send(cx.publish(Happened).unwrap_err()).await;
        Ok(())
    }

    let (telling, mut told) = mpsc::channel::<Error>(8);
    let builder = Catga::builder("asking").provide(telling).handlers(handlers![look, witness]);
    let node = builder.start().await.unwrap();
    let error = node.send(Look).await.unwrap_err();
    assert_eq!(error.code(), Code::Internal);
    node.publish(Happened).await.unwrap();
    let text = told.recv().await.unwrap().message().to_owned();
    assert!(
        text.ends_with(
            "may not publish or enqueue: it runs on every node, so each of them would do it; write `#[handler(once_per = \"service\")]`"
        ),
        "{text}"
    );
}

#[tokio::test]
async fn a_query_is_not_enqueued() {
    #[handler]
    async fn later(_: Later, cx: &Context) -> Result<()> {
        cx.enqueue(Look)
    }

    let node = Catga::builder("asking").handlers(handlers![later]).start().await.unwrap();
    for error in [node.send(Later).await.unwrap_err(), node.enqueue(Look).await.unwrap_err()] {
        assert_eq!(error.code(), Code::Validation);
        assert_eq!(error.message(), format!("`{}` is a query: it is sent, not enqueued", Look::NAME));
    }
}

#[tokio::test]
async fn an_option_that_is_not_allowed_is_an_error_at_the_call() {
    #[handler]
    async fn later(_: Later, cx: &Context) -> Result<()> {
        let refused = cx.publish_with(Happened, Options::new().header("not a name", "value")).unwrap_err();
        assert_eq!(refused.code(), Code::Validation);
        let refused = cx.enqueue_with(Later, Options::new().key("two\nlines")).unwrap_err();
        assert_eq!(refused.code(), Code::Validation);
        cx.send(Later).header("name", "two\nlines").await
    }

    let node = Catga::builder("asking").handlers(handlers![later]).start().await.unwrap();
    assert_eq!(node.send(Later).await.unwrap_err().code(), Code::Validation);
    assert_eq!(node.publish(Happened).header("not a name", "v").await.unwrap_err().code(), Code::Validation);
    assert_eq!(node.enqueue(Later).key("two\nlines").await.unwrap_err().code(), Code::Validation);
    assert_eq!(node.send(Later).balanced().key("").await.unwrap_err().code(), Code::Validation);
}

#[derive(Clone, Serialize, Deserialize)]
struct Page {
    id: u32,
    text: String,
}

impl Document for Page {
    const NAME: &'static str = "page";
    type Key = u32;

    fn key(&self) -> u32 {
        self.id
    }
}

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = ())]
struct Write {
    id: u32,
    then: Then,
}

#[derive(Schema, Clone, Serialize, Deserialize)]
enum Then {
    Succeed,
    Fail,
    Panic,
}

#[derive(Event, Clone, Serialize, Deserialize)]
struct Written(u32);

#[handler]
async fn write(command: Write, pages: &Documents<Page>, cx: &Context) -> Result<()> {
    cx.publish(Written(command.id))?;
    pages.insert(cx, &Page { id: command.id, text: String::new() })?;
    match command.then {
        Then::Succeed => Ok(()),
        Then::Fail => Err(Error::validation("as it was told")),
        Then::Panic => panic!("as it was told"),
    }
}

#[handler]
async fn written(event: Written, telling: &mpsc::Sender<u32>) -> Result<()> {
    telling.send(event.0).await.map_err(|_| Error::internal("nobody listens"))
}

#[tokio::test]
async fn an_event_leaves_if_and_only_if_the_unit_of_work_was_committed() {
    let (telling, mut told) = mpsc::channel::<u32>(8);
    let node = Catga::builder("asking").provide(telling).handlers(handlers![write, written]).start().await.unwrap();
    let (fail, panic, succeed) = (Then::Fail, Then::Panic, Then::Succeed);
    assert_eq!(node.send(Write { id: 1, then: fail.clone() }).await.unwrap_err().code(), Code::Validation);
    assert_eq!(node.send(Write { id: 2, then: fail }).balanced().await.unwrap_err().code(), Code::Validation);
    assert_eq!(node.send(Write { id: 3, then: panic.clone() }).await.unwrap_err().code(), Code::Internal);
    assert_eq!(node.send(Write { id: 4, then: panic }).balanced().await.unwrap_err().code(), Code::Internal);
    node.send(Write { id: 5, then: succeed.clone() }).await.unwrap();
    // There is one already: a conflict when it commits.
    assert_eq!(node.send(Write { id: 5, then: succeed.clone() }).await.unwrap_err().code(), Code::Conflict);
    assert_eq!(node.send(Write { id: 5, then: succeed.clone() }).balanced().await.unwrap_err().code(), Code::Conflict);
    node.send(Write { id: 6, then: succeed }).balanced().await.unwrap();
    node.shutdown().await.unwrap();
    drop(node);
    let mut all = Vec::new();
    while let Some(id) = told.recv().await {
        all.push(id);
    }
    assert_eq!(all, [5, 6]);
}

#[tokio::test]
async fn a_retry_has_the_same_id_and_another_attempt() {
    #[derive(Event, Clone, Serialize, Deserialize)]
    struct Again;

    #[handler(once_per = "service")]
    async fn again(_: Again, telling: &mpsc::Sender<(String, u32)>, runs: &AtomicU32, cx: &Context) -> Result<()> {
        let _ = telling.send((cx.message_id().to_string(), cx.attempt())).await;
        match runs.fetch_add(1, Ordering::Relaxed) {
            0 | 1 => Err(Error::unavailable("not yet")),
            _ => Ok(()),
        }
    }

    let (telling, mut told) = mpsc::channel::<(String, u32)>(8);
    let builder = Catga::builder("asking").provide(telling).provide(AtomicU32::new(0)).handlers(handlers![again]);
    let node = builder.start().await.unwrap();
    let id = MessageId::new();
    node.publish(Again).id(id).await.unwrap();
    for attempt in 1..=3 {
        assert_eq!(told.recv().await.unwrap(), (id.to_string(), attempt));
    }
}
