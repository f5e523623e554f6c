//! Handler functions: how they take their message, and what they may ask for.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use catga_core::context::Context;
use catga_core::handler::{FromNode, Resolver};
use catga_core::mediator::Mediator;
use catga_core::persistence::{Document, Documents};
use catga_core::{Code, Error, Event, Request, Result, Schema, handler, handlers};
use serde::{Deserialize, Serialize};

#[derive(Request, Serialize, Deserialize)]
#[request(response = u32)]
struct Double {
    number: u32,
}

#[handler(unlinked)]
async fn double_by_value(Double { number }: Double) -> Result<u32> {
    Ok(number * 2)
}

#[handler(unlinked)]
async fn double_by_reference(request: &Double) -> Result<u32> {
    tokio::task::yield_now().await;
    Ok(request.number * 2)
}

#[tokio::test]
async fn a_message_is_taken_by_value_or_by_reference() {
    for registration in handlers![double_by_value, double_by_reference] {
        let mediator = Mediator::builder().handlers([registration]).build().unwrap();
        assert_eq!(mediator.send(Double { number: 21 }).await.unwrap(), 42);
    }
}

#[tokio::test]
async fn a_handler_function_stays_a_function() {
    assert_eq!(double_by_value(Double { number: 4 }).await.unwrap(), 8);
    assert_eq!(double_by_reference(&Double { number: 4 }).await.unwrap(), 8);
}

trait Greeter: Send + Sync {
    fn greet(&self, name: &str) -> String;
}

struct Polite;

impl Greeter for Polite {
    fn greet(&self, name: &str) -> String {
        format!("Good day, {name}")
    }
}

struct Mark(char);

/// Made by the node itself, for each handler that asks for it.
struct Counter(AtomicU32);

impl FromNode for Counter {
    fn from_node(_: &mut Resolver<'_>) -> Option<Self> {
        Some(Self(AtomicU32::new(0)))
    }
}

#[derive(Request, Serialize, Deserialize)]
#[request(response = String, query)]
struct Greet {
    name: String,
}

#[handler(unlinked)]
async fn greet(query: Greet, greeter: &dyn Greeter, cx: &Context, mark: &Mark, counter: &Counter) -> Result<String> {
    let count = counter.0.fetch_add(1, Ordering::Relaxed) + 1;
    Ok(format!("{}{} {count} {}", greeter.greet(&query.name), mark.0, cx.handler().name()))
}

#[tokio::test]
async fn a_handler_has_what_it_asks_for() {
    let mediator = Mediator::builder()
        .provide(Mark('!'))
        .provide_as::<dyn Greeter>(Arc::new(Polite))
        .handlers(handlers![greet])
        .build()
        .unwrap();
    let greet = || mediator.send(Greet { name: "Ada".to_owned() });
    assert_eq!(greet().await.unwrap(), "Good day, Ada! 1 greet");
    assert_eq!(greet().await.unwrap(), "Good day, Ada! 2 greet", "what the node made is kept from call to call");
}

/// An application's own error.
enum Refusal {
    Odd(u32),
}

impl From<Refusal> for Error {
    fn from(Refusal::Odd(number): Refusal) -> Self {
        Error::validation(format!("{number} is odd"))
    }
}

#[derive(Request, Serialize, Deserialize)]
#[request(response = u32)]
struct Halve(u32);

#[handler(unlinked)]
async fn halve(Halve(number): Halve) -> Result<u32, Refusal> {
    if number % 2 == 0 { Ok(number / 2) } else { Err(Refusal::Odd(number)) }
}

#[tokio::test]
async fn an_error_of_the_application_becomes_ours() {
    let mediator = Mediator::builder().handlers(handlers![halve]).build().unwrap();
    assert_eq!(mediator.send(Halve(6)).await.unwrap(), 3);
    let error = mediator.send(Halve(7)).await.unwrap_err();
    assert_eq!((error.code(), error.message()), (Code::Validation, "7 is odd"));
}

#[derive(Event, Clone, Serialize, Deserialize)]
struct Doubled {
    number: u32,
}

#[derive(Default)]
struct Log(Mutex<Vec<String>>);

impl Log {
    fn add(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }
}

#[handler(unlinked)]
async fn note(event: &Doubled, log: &Log) -> Result<()> {
    log.add(format!("noted {}", event.number));
    Ok(())
}

#[handler(unlinked, once_per = "service", was("book", "enter"))]
async fn record(event: Doubled, log: &Log) -> Result<()> {
    log.add(format!("recorded {}", event.number));
    Ok(())
}

#[handler(unlinked, replay, name = "refuse-it")]
async fn refuse(event: Doubled) -> Result<()> {
    Err(Error::conflict(format!("{} isn't wanted", event.number)))
}

#[tokio::test]
async fn an_event_reaches_all_its_handlers_and_each_failure_is_told() {
    let log = Arc::new(Log::default());
    let mediator =
        Mediator::builder().provide_as(log.clone()).handlers(handlers![note, record, refuse]).build().unwrap();
    let failures = mediator.publish(Doubled { number: 2 }).await.unwrap_err();
    let [failure] = failures.all() else { panic!("one of them fails: {failures}") };
    assert_eq!(failure.handler.unwrap().name(), "refuse-it");
    assert_eq!(failure.error.message(), "2 isn't wanted");
    assert_eq!(*log.0.lock().unwrap(), ["noted 2", "recorded 2"]);
}

#[test]
fn options_say_what_a_handler_is() {
    use catga_core::Kind;
    use catga_core::handler::Subscription;

    let [plain, once, replay, query] =
        handlers![note, record, refuse, greet].map(catga_core::handler::Registration::info);
    assert_eq!((plain.name(), plain.message(), plain.kind()), ("note", "Doubled", Kind::Event));
    assert_eq!(plain.subscribes(), Subscription::Plain);
    assert_eq!(plain.required_role(), None);
    assert!(plain.location().file.ends_with("functions.rs"));
    assert_eq!(once.subscribes(), Subscription::OncePerService);
    assert_eq!((replay.name(), replay.subscribes()), ("refuse-it", Subscription::Replay));
    assert_eq!(query.kind(), Kind::Query);
}

#[handler(unlinked, resume)]
async fn follow(_: &Doubled) -> Result<()> {
    Ok(())
}

#[handler(unlinked, once_per = "service", concurrency = 1)]
async fn record_one_by_one(_: &Doubled) -> Result<()> {
    Ok(())
}

#[handler(unlinked, concurrency = 10_000)]
async fn greet_many(_: &Greet) -> Result<String> {
    Ok("Good day".to_owned())
}

#[test]
fn a_handler_may_say_how_many_messages_it_takes_at_a_time() {
    use catga_core::handler::Subscription;

    let infos = handlers![follow, record_one_by_one, greet_many, greet].map(catga_core::handler::Registration::info);
    assert_eq!(infos[0].subscribes(), Subscription::Resume);
    assert_eq!(infos.map(|info| info.concurrency().map(usize::from)), [None, Some(1), Some(10_000), None]);
}

/// Can't be cloned, and so taken by value only where one run is all.
#[derive(Request, Serialize, Deserialize)]
#[request(response = usize)]
struct Count;

#[derive(Serialize, Deserialize, Schema)]
struct Order(u32);

impl Document for Order {
    const NAME: &'static str = "orders";
    type Key = u32;

    fn key(&self) -> u32 {
        self.0
    }
}

/// With [`Documents`] it may run again, and borrows.
#[handler(unlinked)]
async fn count_by_reference(_: &Count, orders: &Documents<Order>, cx: &Context) -> Result<usize> {
    Ok(orders.get(cx, &1).await?.iter().count())
}

#[test]
fn what_only_a_node_has_is_refused_by_a_mediator_alone() {
    let error = Mediator::builder().handlers(handlers![count_by_reference]).build().unwrap_err();
    assert!(error.message().contains("`count_by_reference` for `Count`"), "{error}");
}
