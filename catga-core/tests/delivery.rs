//! Deliveries on nodes: what comes of them when handlers are slow, fail, race, or their node goes.

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use catga_core::context::Context;
use catga_core::mediator::Routing;
use catga_core::message::MessageId;
use catga_core::node::NodeBuilder;
use catga_core::persistence::{self, Document, Documents, DocumentsView};
use catga_core::{Catga, Code, Error, Event, Node, Request, Result, handler, handlers, transport};
use serde::de::Deserializer;
use serde::{Deserialize, Serialize};
use tokio::sync::{Barrier, Notify};
use tokio::time::Instant;

/// The two seams that the nodes of one cluster share.
#[derive(Clone, Default)]
struct Shared {
    transport: transport::InMemory,
    persistence: persistence::InMemory,
}

impl Shared {
    fn node(&self, service: &str) -> NodeBuilder {
        Catga::builder(service).transport(self.transport.clone()).persistence(self.persistence.clone())
    }

    /// A node without handlers, for whoever calls others.
    async fn caller(&self) -> Node {
        self.node("front").handlers([]).start().await.unwrap()
    }
}

/// What was done, and waiting for it.
#[derive(Clone, Default)]
struct Seen(Arc<(Mutex<Vec<String>>, Notify)>);

impl Seen {
    fn note(&self, what: impl Into<String>) {
        self.0.0.lock().unwrap().push(what.into());
        self.0.1.notify_waiters();
    }

    fn all(&self) -> Vec<String> {
        self.0.0.lock().unwrap().clone()
    }

    fn count(&self, of: &str) -> usize {
        self.all().iter().filter(|what| *what == of).count()
    }

    async fn wait_for(&self, of: &str, count: usize) {
        let seen = async {
            loop {
                let notified = self.0.1.notified();
                if self.count(of) >= count {
                    return;
                }
                notified.await;
            }
        };
        tokio::time::timeout(Duration::from_secs(3600), seen)
            .await
            .unwrap_or_else(|_| panic!("not {count} times `{of}`: {:?}", self.all()));
    }
}

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

/// What a handler does.
#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = String)]
enum Do {
    Answer,
    Panic,
    Hang,
    Work(Duration),
}

/// Notes when it is dropped before it is done.
struct Dropped<'a>(Option<&'a Seen>);

impl Drop for Dropped<'_> {
    fn drop(&mut self) {
        if let Some(seen) = self.0 {
            seen.note("dropped");
        }
    }
}

#[handler]
async fn act(command: Do, seen: &Seen, cx: &Context) -> Result<String> {
    let mut dropped = Dropped(Some(seen));
    seen.note("begun");
    match command {
        Do::Answer => (),
        Do::Panic => panic!("the roof is on fire"),
        Do::Hang => pending().await,
        Do::Work(time) => tokio::time::sleep(time).await,
    }
    dropped.0 = None;
    seen.note("done");
    Ok(cx.node().to_owned())
}

async fn actor(shared: &Shared, name: &str, seen: &Seen) -> Node {
    let node = shared.node("acting").node_name(name).provide(seen.clone()).grace(Duration::from_secs(20));
    node.handlers(handlers![act]).start().await.unwrap()
}

#[tokio::test]
async fn a_panic_on_another_node_is_the_callers_error_and_that_node_lives_on() {
    let (shared, seen) = (Shared::default(), Seen::default());
    let _actor = actor(&shared, "actor", &seen).await;
    let caller = shared.caller().await;
    let error = caller.send(Do::Panic).await.unwrap_err();
    assert_eq!(error.code(), Code::Internal);
    assert!(error.message().contains("`act` for `Do`"), "{error}");
    assert!(error.message().ends_with("panicked: the roof is on fire"), "{error}");
    assert_eq!(caller.send(Do::Answer).await.unwrap(), "actor");
}

#[tokio::test(start_paused = true)]
async fn a_slow_handler_keeps_its_lease_and_runs_once_for_one_id() {
    let (shared, seen) = (Shared::default(), Seen::default());
    let _actors = [actor(&shared, "one", &seen).await, actor(&shared, "two", &seen).await];
    let caller = shared.caller().await;
    let (id, minute) = (MessageId::new(), Duration::from_secs(60));
    let send = || caller.send(Do::Work(Duration::from_secs(40))).id(id).deadline(minute).into_future();
    let (first, second) = tokio::join!(send(), send());
    assert_eq!(first.unwrap(), second.unwrap());
    assert_eq!(seen.all(), ["begun", "done"]);
}

#[tokio::test(start_paused = true)]
async fn a_handler_elsewhere_that_hangs_leaves_its_caller_an_error_by_the_deadline_and_ends_itself() {
    let (shared, seen) = (Shared::default(), Seen::default());
    let _actor = actor(&shared, "actor", &seen).await;
    let caller = shared.caller().await;
    let begun = Instant::now();
    let error = caller.send(Do::Hang).deadline(Duration::from_secs(5)).await.unwrap_err();
    assert!(matches!(error.code(), Code::Timeout | Code::OutcomeUnknown), "{error}");
    assert!(begun.elapsed() < Duration::from_millis(5500), "{:?}", begun.elapsed());
    seen.wait_for("dropped", 1).await;
    assert!(begun.elapsed() < Duration::from_millis(5500), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn where_the_call_does_not_say_the_nodes_deadline_holds() {
    let (shared, seen) = (Shared::default(), Seen::default());
    let _actor = actor(&shared, "actor", &seen).await;
    let caller = shared.node("front").handlers([]).deadline(Duration::from_secs(2)).start().await.unwrap();
    let begun = Instant::now();
    caller.send(Do::Hang).await.unwrap_err();
    assert!(begun.elapsed() < Duration::from_millis(2500), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_node_that_is_dropped_amid_a_request_leaves_the_caller_an_error_at_once() {
    let (shared, seen) = (Shared::default(), Seen::default());
    let actor = actor(&shared, "actor", &seen).await;
    let caller = shared.caller().await;
    let begun = Instant::now();
    let send = async { caller.send(Do::Hang).deadline(Duration::from_secs(60)).await };
    let drop_it = async {
        seen.wait_for("begun", 1).await;
        drop(actor);
    };
    let (outcome, ()) = tokio::join!(send, drop_it);
    let error = outcome.unwrap_err();
    assert!(matches!(error.code(), Code::Cancelled | Code::OutcomeUnknown | Code::Unavailable), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(seen.count("dropped"), 1);
}

#[derive(Event, Clone, Serialize, Deserialize)]
struct Happened(u32);

#[handler]
async fn calm(event: &Happened, seen: &Seen) -> Result<()> {
    seen.note(format!("calm {}", event.0));
    Ok(())
}

/// Fails at its first two runs for the first event.
#[handler]
async fn shaky(event: &Happened, seen: &Seen, cx: &Context) -> Result<()> {
    seen.note(format!("shaky {} attempt {}", event.0, cx.attempt()));
    match (event.0, cx.attempt()) {
        (1, 1) => Err(Error::unavailable("not yet")),
        (1, 2) => panic!("not yet"),
        _ => Ok(()),
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_of_an_event_that_fails_is_tried_again_alone() {
    let (shared, seen) = (Shared::default(), Seen::default());
    let node = shared.node("acting").provide(seen.clone()).handlers(handlers![calm, shaky]).start().await.unwrap();
    for number in 1..=3 {
        node.publish(Happened(number)).await.unwrap();
    }
    seen.wait_for("shaky 1 attempt 3", 1).await;
    node.shutdown().await.unwrap();
    for number in 1..=3 {
        assert_eq!(seen.count(&format!("calm {number}")), 1);
    }
    let tries: Vec<_> = seen.all().into_iter().filter(|what| what.starts_with("shaky")).collect();
    let expected =
        ["shaky 1 attempt 1", "shaky 1 attempt 2", "shaky 1 attempt 3", "shaky 2 attempt 1", "shaky 3 attempt 1"];
    assert_eq!(tries, expected);
}

#[tokio::test(start_paused = true)]
async fn what_fails_for_ever_is_given_up_after_ten_attempts_and_at_once_where_a_retry_cannot_help() {
    #[handler(once_per = "service")]
    async fn never(_: Happened, seen: &Seen) -> Result<()> {
        seen.note("never");
        Err(Error::unavailable("not ever"))
    }

    #[handler(once_per = "service")]
    async fn hopeless(_: Happened, seen: &Seen) -> Result<()> {
        seen.note("hopeless");
        Err(Error::validation("not this one"))
    }

    #[handler]
    async fn plain(_: Happened, seen: &Seen) -> Result<()> {
        seen.note("plain");
        Err(Error::unavailable("not ever"))
    }

    let (shared, seen) = (Shared::default(), Seen::default());
    let handlers = handlers![never, hopeless, plain];
    let node = shared.node("acting").provide(seen.clone()).handlers(handlers).start().await.unwrap();
    node.publish(Happened(1)).await.unwrap();
    seen.wait_for("never", 10).await;
    seen.wait_for("plain", 10).await;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!((seen.count("never"), seen.count("plain"), seen.count("hopeless")), (10, 10, 1));
    drop(node);
}

/// An event whose body can't be read without a panic.
#[derive(Event, Clone, Serialize)]
struct Trap(bool);

impl<'de> Deserialize<'de> for Trap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Trap(bool);

        let Trap(is_armed) = Trap::deserialize(deserializer)?;
        assert!(!is_armed, "stepped on it");
        Ok(Self(is_armed))
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_makes_its_decoder_panic_ends_no_subscription() {
    #[handler]
    async fn plain(_: Trap, seen: &Seen) -> Result<()> {
        seen.note("plain");
        Ok(())
    }

    #[handler(once_per = "service")]
    async fn once(_: Trap, seen: &Seen) -> Result<()> {
        seen.note("once");
        Ok(())
    }

    let (shared, seen) = (Shared::default(), Seen::default());
    let node = shared.node("acting").provide(seen.clone()).handlers(handlers![plain, once]).start().await.unwrap();
    node.publish(Trap(true)).await.unwrap();
    node.publish(Trap(false)).await.unwrap();
    seen.wait_for("plain", 1).await;
    seen.wait_for("once", 1).await;
}

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
    let reader = shared.node("reading").provide(seen.clone()).handlers(handlers![calm]).start().await.unwrap();
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
        let node = node.handlers(handlers![act, calm, stick, shaky]).start().await.unwrap();
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
async fn a_node_whose_start_is_given_up_leaves_nothing_behind() {
    #[handler(replay)]
    async fn stuck(_: Happened) -> Result<()> {
        pending().await
    }

    let shared = Shared::default();
    shared.caller().await.publish(Happened(1)).await.unwrap();
    for _ in 0..2 {
        let starting = shared.node("viewing").node_name("viewer").handlers(handlers![stuck]).start();
        let mut starting = Box::pin(starting);
        for _ in 0..20 {
            assert!(futures_util::poll!(starting.as_mut()).is_pending());
            tokio::task::yield_now().await;
        }
        drop(starting);
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }
    shared
        .node("viewing")
        .node_name("viewer")
        .handlers(handlers![calm])
        .provide(Seen::default())
        .start()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_replaying_handler_has_seen_the_history_when_the_node_has_started() {
    #[handler(replay)]
    async fn view(event: Happened, seen: &Seen) -> Result<()> {
        tokio::task::yield_now().await;
        seen.note(format!("view {}", event.0));
        Ok(())
    }

    let (shared, seen) = (Shared::default(), Seen::default());
    let caller = shared.caller().await;
    for number in 0..100 {
        caller.publish(Happened(number)).await.unwrap();
    }
    let node = shared.node("viewing").provide(seen.clone()).handlers(handlers![view, calm]).start().await.unwrap();
    assert_eq!(seen.all(), Vec::from_iter((0..100).map(|number| format!("view {number}"))));
    caller.publish(Happened(100)).await.unwrap();
    seen.wait_for("view 100", 1).await;
    seen.wait_for("calm 100", 1).await;
    assert_eq!(seen.all().len(), 102, "a plain handler sees nothing from before its start");
    drop(node);
}

#[tokio::test]
async fn a_node_takes_the_handlers_of_its_roles_and_those_of_none() {
    #[handler(role = "worker")]
    async fn work(_: Happened) -> Result<()> {
        Ok(())
    }

    #[handler(role = "mailer")]
    async fn mail(_: Happened) -> Result<()> {
        Ok(())
    }

    let all = handlers![work, mail, calm];
    for (roles, expected) in [
        (vec![], vec!["calm"]),
        (vec!["worker"], vec!["calm", "work"]),
        (vec!["worker", "mailer"], vec!["calm", "mail", "work"]),
    ] {
        let node = Catga::builder("acting").provide(Seen::default()).handlers(all).roles(roles);
        let node = node.start().await.unwrap();
        assert_eq!(node.handlers().iter().map(|handler| handler.name()).collect::<Vec<_>>(), expected);
    }
}

#[tokio::test]
async fn a_request_stays_here_unless_it_is_balanced() {
    let (shared, seen) = (Shared::default(), Seen::default());
    let (here, _there) = (actor(&shared, "here", &seen).await, actor(&shared, "there", &seen).await);
    for _ in 0..20 {
        assert_eq!(here.send(Do::Answer).await.unwrap(), "here");
    }
    let mut away = 0;
    for _ in 0..20 {
        away += usize::from(here.send(Do::Answer).balanced().await.unwrap() == "there");
    }
    assert!((5..=15).contains(&away), "{away} of 20 went away");
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

/// Two versions of one program.
mod versions {
    use super::*;

    #[derive(Request, Clone, Serialize, Deserialize)]
    #[request(response = String, name = "Greet")]
    pub(super) struct GreetNew {
        pub(super) name: String,
        #[serde(default)]
        pub(super) loud: bool,
    }

    #[derive(Request, Clone, Serialize, Deserialize)]
    #[request(response = String, name = "Greet")]
    pub(super) struct GreetOld {
        pub(super) name: String,
    }

    #[derive(Request, Clone, Serialize, Deserialize)]
    #[request(response = String, query, name = "LookUp")]
    pub(super) struct LookUpNew {
        pub(super) name: String,
        #[serde(default)]
        pub(super) loud: bool,
    }

    #[derive(Request, Clone, Serialize, Deserialize)]
    #[request(response = String, query, name = "LookUp")]
    pub(super) struct LookUpOld {
        pub(super) name: String,
    }

    #[handler]
    pub(super) async fn greet(command: GreetNew, seen: &Seen) -> Result<String> {
        seen.note("greet");
        Ok(if command.loud { format!("HELLO {}", command.name) } else { format!("hello {}", command.name) })
    }

    #[handler]
    pub(super) async fn look_up(query: LookUpNew) -> Result<String> {
        Ok(format!("{} {}", query.name, query.loud))
    }
}

#[tokio::test]
async fn a_request_of_another_shape_is_sent_again_with_names_and_its_effect_is_once() {
    use versions::{GreetOld, LookUpOld};

    let (shared, seen) = (Shared::default(), Seen::default());
    let _greeter = shared
        .node("greeting")
        .provide(seen.clone())
        .handlers(handlers![versions::greet, versions::look_up])
        .start()
        .await;
    let caller = shared.caller().await;
    assert_eq!(caller.send(GreetOld { name: "Ann".into() }).await.unwrap(), "hello Ann");
    assert_eq!(seen.all(), ["greet"]);
    assert_eq!(caller.send(LookUpOld { name: "Ann".into() }).await.unwrap(), "Ann false");
}

#[derive(Request, Serialize, Deserialize)]
#[request(response = u32, query)]
struct Count;

#[handler]
async fn count(_: Count, counters: &DocumentsView<Counter>) -> Result<u32> {
    Ok(counters.get(&0).await?.map_or(0, |counter| counter.count))
}

#[tokio::test(start_paused = true)]
async fn an_enqueued_command_comes_no_sooner_than_it_was_asked_for() {
    let (shared, seen) = (Shared::default(), Seen::default());
    let actor = actor(&shared, "actor", &seen).await;
    let begun = Instant::now();
    actor.enqueue(Do::Answer).after(Duration::from_secs(30)).await.unwrap();
    seen.wait_for("done", 1).await;
    assert!(begun.elapsed() >= Duration::from_secs(30));
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
