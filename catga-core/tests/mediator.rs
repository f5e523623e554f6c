//! The mediator alone: requests to their handler, events to all of theirs, in this process.

use std::future::pending;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use catga_core::context::Context;
use catga_core::mediator::{Mediator, Options};
use catga_core::{Code, Error, Event, Request, Result, handler, handlers};
use serde::{Deserialize, Serialize};
use tokio::sync::Barrier;

#[derive(Request, Serialize, Deserialize)]
#[request(response = u32)]
struct Double(u32);

#[handler]
async fn double(command: Double) -> Result<u32> {
    Ok(command.0 * 2)
}

#[derive(Request, Serialize, Deserialize)]
#[request(response = usize, query)]
struct Length(String);

#[handler]
async fn length(query: &Length) -> Result<usize> {
    Ok(query.0.len())
}

/// What a handler does.
#[derive(Request, Serialize, Deserialize)]
#[request(response = u32)]
enum Do {
    Answer(u32),
    Fail,
    Panic,
    PanicWithNumber(u32),
    Hang,
}

#[handler]
async fn act(command: Do, living: &Living) -> Result<u32> {
    let _run = living.run();
    match command {
        Do::Answer(answer) => Ok(answer),
        Do::Fail => Err(Error::not_found("there is no such thing")),
        Do::Panic => panic!("the roof is on fire"),
        Do::PanicWithNumber(number) => panic!("{number} roofs are on fire"),
        Do::Hang => pending().await,
    }
}

/// How many handlers run.
#[derive(Clone, Default)]
struct Living(Arc<AtomicUsize>);

impl Living {
    fn run(&self) -> Run {
        self.0.fetch_add(1, Ordering::Relaxed);
        Run(self.clone())
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

struct Run(Living);

impl Drop for Run {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn acting(living: &Living) -> Mediator {
    Mediator::builder().provide(living.clone()).handlers(handlers![act]).build().unwrap()
}

#[tokio::test]
async fn a_message_is_taken_by_value_or_by_reference() {
    let mediator = Mediator::builder().handlers(handlers![double, length]).build().unwrap();
    assert_eq!(mediator.send(Double(21)).await.unwrap(), 42);
    assert_eq!(mediator.send(Length("seven".into())).await.unwrap(), 5);
}

#[tokio::test]
async fn a_request_without_a_handler_says_what_to_do() {
    let mediator = Mediator::builder().handlers(handlers![length]).build().unwrap();
    let error = mediator.send(Double(1)).await.unwrap_err();
    assert_eq!(error.code(), Code::NoHandler);
    assert_eq!(error.message(), "nobody handles `Double`: write a `#[handler]` for it, or start a node that finds one");
}

#[tokio::test]
async fn a_panic_is_an_error_that_names_the_handler_and_the_mediator_lives_on() {
    let living = Living::default();
    let mediator = acting(&living);
    let error = mediator.send(Do::Panic).await.unwrap_err();
    assert_eq!(error.code(), Code::Internal);
    assert!(error.can_retry());
    let text = error.message();
    assert!(text.starts_with("`act` for `Do` ("), "{text}");
    assert!(text.ends_with(") panicked: the roof is on fire"), "{text}");
    let error = mediator.send(Do::PanicWithNumber(2)).await.unwrap_err();
    assert!(error.message().ends_with("panicked: 2 roofs are on fire"), "{error}");
    assert_eq!(living.count(), 0);
    assert_eq!(mediator.send(Do::Answer(7)).await.unwrap(), 7);
}

#[tokio::test]
async fn the_error_of_a_handler_is_the_callers() {
    let error = acting(&Living::default()).send(Do::Fail).await.unwrap_err();
    assert_eq!((error.code(), error.message()), (Code::NotFound, "there is no such thing"));
}

#[tokio::test]
async fn whoever_drops_a_send_drops_the_handlers_future() {
    let living = Living::default();
    let mediator = acting(&living);
    let mut send = Box::pin(mediator.send(Do::Hang).into_future());
    assert!(futures_util::poll!(send.as_mut()).is_pending());
    assert_eq!(living.count(), 1);
    drop(send);
    assert_eq!(living.count(), 0);
}

#[tokio::test]
async fn a_call_that_is_not_awaited_is_not_made() {
    let living = Living::default();
    let mediator = acting(&living);
    drop(mediator.send(Do::Hang));
    drop(mediator.send(Do::Hang).into_future());
    assert_eq!(living.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_the_handler_and_tells_that_there_was_no_effect() {
    let living = Living::default();
    let mediator = acting(&living);
    let begun = tokio::time::Instant::now();
    let error = mediator.send(Do::Hang).deadline(Duration::from_secs(2)).await.unwrap_err();
    assert_eq!(error.code(), Code::Timeout);
    assert!(error.message().ends_with("wasn't done by the deadline"), "{error}");
    assert_eq!(living.count(), 0);
    let waited = begun.elapsed();
    assert!(Duration::from_secs(2) <= waited && waited < Duration::from_millis(2100), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn without_a_deadline_a_send_waits() {
    let mediator = acting(&Living::default());
    let year = Duration::from_secs(365 * 24 * 60 * 60);
    assert!(tokio::time::timeout(year, mediator.send(Do::Hang).into_future()).await.is_err());
}

#[tokio::test]
async fn an_option_that_is_not_allowed_is_the_calls_error() {
    let living = Living::default();
    let mediator = acting(&living);
    let refused = [
        mediator.send(Do::Hang).header("not a name", "value").await,
        mediator.send(Do::Hang).header("name", "two\nlines").await,
        mediator.send(Do::Hang).key(&"k".repeat(100_000)).await,
        mediator.send(Do::Hang).key("").await,
        mediator.send(Do::Hang).as_principal("two\nlines").await,
        // The first mistake stands, whatever comes after it.
        mediator.send(Do::Hang).key("two\nlines").key("fine").await,
    ];
    for refused in refused {
        assert_eq!(refused.unwrap_err().code(), Code::Validation);
    }
    assert_eq!(living.count(), 0);
}

#[tokio::test]
async fn what_is_not_allowed_is_named_by_its_option() {
    let living = Living::default();
    let mediator = acting(&living);
    let key = mediator.send(Do::Hang).key("").await.unwrap_err();
    assert_eq!(key.message(), "the option `key` isn't valid: it has from 1 to 1024 bytes, not 0");
    let principal = mediator.send(Do::Hang).as_principal(" Ann").await.unwrap_err();
    assert_eq!(
        principal.message(),
        "the option `as_principal` isn't valid: it has no control characters and no white space at its ends"
    );
}

#[tokio::test]
async fn a_mediator_takes_a_handler_with_a_role_only_if_it_is_named() {
    #[derive(Request, Serialize, Deserialize)]
    #[request(response = u32)]
    struct Cast;

    #[handler(role = "worker")]
    async fn cast(_: Cast) -> Result<u32> {
        Ok(7)
    }

    let named = Mediator::builder().handlers(handlers![cast]).build().unwrap();
    assert_eq!(named.send(Cast).await.unwrap(), 7);
}

#[derive(Event, Clone, Serialize, Deserialize)]
struct Happened {
    panics: bool,
}

/// Whom the event has reached.
#[derive(Clone, Default)]
struct Reached(Arc<Mutex<Vec<&'static str>>>);

impl Reached {
    fn note(&self, who: &'static str) {
        self.0.lock().unwrap().push(who);
    }

    fn all(&self) -> Vec<&'static str> {
        let mut all = self.0.lock().unwrap().clone();
        all.sort_unstable();
        all
    }
}

macro_rules! witnesses {
    ($($name:ident)*) => {
        $(#[handler]
        async fn $name(_: &Happened, reached: &Reached) -> Result<()> {
            tokio::task::yield_now().await;
            reached.note(stringify!($name));
            Ok(())
        })*
    };
}

witnesses! { w01 w02 w03 w04 w05 w06 w07 w08 w09 w10 w11 w12 w13 w14 w15 w16 w17 w18 w19 w20 }

#[handler]
async fn fails(event: Happened, reached: &Reached) -> Result<()> {
    reached.note("fails");
    assert!(!event.panics, "as it was told");
    Err(Error::unavailable("not today"))
}

#[handler]
async fn refuses(_: Happened) -> Result<()> {
    Err(Error::validation("not ever"))
}

#[tokio::test]
async fn one_that_fails_or_panics_does_not_stop_the_others_and_all_failures_are_told() {
    for panics in [false, true] {
        let reached = Reached::default();
        let mediator = Mediator::builder()
            .provide(reached.clone())
            .handlers(handlers![w01, fails, w02, refuses, w03])
            .build()
            .unwrap();
        let failures = mediator.publish(Happened { panics }).await.unwrap_err();
        assert_eq!(reached.all(), ["fails", "w01", "w02", "w03"]);
        let mut told: Vec<_> = failures
            .all()
            .iter()
            .map(|failure| (failure.handler.unwrap().name(), failure.error.code(), failure.error.can_retry()))
            .collect();
        told.sort_unstable_by_key(|told| told.0);
        let code = if panics { Code::Internal } else { Code::Unavailable };
        assert_eq!(told, [("fails", code, true), ("refuses", Code::Validation, false)]);
        let error = Error::from(failures);
        assert!(error.can_retry());
        let text = error.to_string();
        assert!(text.contains("`fails` for `Happened`") && text.contains("`refuses` for `Happened`"), "{text}");
    }
}

#[tokio::test]
async fn an_event_without_handlers_is_no_failure() {
    let mediator = Mediator::builder().handlers([]).build().unwrap();
    mediator.publish(Happened { panics: false }).await.unwrap();
}

#[tokio::test]
async fn more_handlers_than_have_room_all_run() {
    let reached = Reached::default();
    let mediator = Mediator::builder()
        .provide(reached.clone())
        .handlers(handlers![
            w01, w02, w03, w04, w05, w06, w07, w08, w09, w10, w11, w12, w13, w14, w15, w16, w17, w18, w19, w20
        ])
        .build()
        .unwrap();
    mediator.publish(Happened { panics: false }).await.unwrap();
    assert_eq!(reached.all().len(), 20);
}

#[tokio::test]
async fn an_event_with_an_option_that_is_not_allowed_reaches_nobody() {
    let reached = Reached::default();
    let mediator = Mediator::builder().provide(reached.clone()).handlers(handlers![w01]).build().unwrap();
    let failures = mediator.publish(Happened { panics: false }).header("not a name", "value").await.unwrap_err();
    assert_eq!(failures.all().len(), 1);
    assert!(failures.all()[0].handler.is_none());
    assert_eq!(failures.all()[0].error.code(), Code::Validation);
    assert!(reached.all().is_empty());
}

#[derive(Event, Clone, Serialize, Deserialize)]
struct Meet;

#[handler]
async fn one(_: Meet, place: &Barrier) -> Result<()> {
    place.wait().await;
    Ok(())
}

#[handler]
async fn other(_: &Meet, place: &Barrier) -> Result<()> {
    place.wait().await;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn handlers_of_an_event_run_side_by_side() {
    let mediator = Mediator::builder().provide(Barrier::new(2)).handlers(handlers![one, other]).build().unwrap();
    let met = tokio::time::timeout(Duration::from_secs(60), mediator.publish(Meet).into_future()).await;
    met.expect("each waits for the other").unwrap();
}

#[tokio::test]
async fn whoever_drops_a_publish_drops_the_handlers_futures() {
    #[derive(Event, Clone, Serialize, Deserialize)]
    struct Waiting;

    #[handler]
    async fn first(_: Waiting, living: &Living) -> Result<()> {
        let _run = living.run();
        pending().await
    }

    #[handler]
    async fn second(_: Waiting, living: &Living) -> Result<()> {
        let _run = living.run();
        let _large = pass(&[0_u8; 4096]).await;
        pending().await
    }

    async fn pass(large: &[u8]) -> usize {
        tokio::task::yield_now().await;
        large.len()
    }

    let living = Living::default();
    let mediator = Mediator::builder().provide(living.clone()).handlers(handlers![first, second]).build().unwrap();
    let mut publish = Box::pin(mediator.publish(Waiting).into_future());
    assert!(futures_util::poll!(publish.as_mut()).is_pending());
    assert_eq!(living.count(), 2);
    drop(publish);
    assert_eq!(living.count(), 0);
}

#[derive(Request, Serialize, Deserialize)]
#[request(response = ())]
struct Outer;

#[tokio::test]
async fn a_mediator_alone_has_no_transport_and_says_so() {
    #[handler]
    async fn outer(_: Outer, cx: &Context, seen: &AtomicBool) -> Result<()> {
        assert_eq!((cx.node(), cx.service()), ("local", "local"));
        let error = cx.enqueue(Double(1)).unwrap_err();
        assert_eq!(error.code(), Code::Unavailable);
        assert!(error.message().ends_with("a mediator alone has no transport; start a node"), "{error}");
        seen.store(true, Ordering::Relaxed);
        cx.publish(Meet)
    }

    let mediator = Mediator::builder().provide(AtomicBool::new(false)).handlers(handlers![outer]).build().unwrap();
    assert_eq!(mediator.send(Outer).await.unwrap_err().code(), Code::Unavailable);
}

#[tokio::test]
async fn a_handler_sends_more_up_to_32_deep() {
    #[derive(Request, Serialize, Deserialize)]
    #[request(response = u32)]
    struct Down(u32);

    #[handler]
    async fn down(command: Down, cx: &Context) -> Result<u32> {
        match command.0 {
            0 => Ok(0),
            left => Ok(cx.send(Down(left - 1)).await? + 1),
        }
    }

    let mediator = Mediator::builder().handlers(handlers![down]).build().unwrap();
    assert_eq!(mediator.send(Down(31)).await.unwrap(), 31);
    let error = mediator.send(Down(1_000_000)).await.unwrap_err();
    assert_eq!((error.code(), error.can_retry()), (Code::Internal, false));
    assert_eq!(
        error.message(),
        "`Down` was sent by a handler that is as deep as sends go: 32, or 8 that are remembered; is there a circle?"
    );
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_published_with_a_deadline_ends_those_of_its_handlers_that_take_longer() {
    #[derive(Event, Clone, Serialize, Deserialize)]
    struct Rang;

    #[handler]
    async fn hear(_: Rang) -> Result<()> {
        Ok(())
    }

    #[handler]
    async fn sleep_on(_: &Rang) -> Result<()> {
        pending().await
    }

    let mediator = Mediator::builder().handlers(handlers![hear, sleep_on]).build().unwrap();
    let options = Options::new().deadline(Duration::from_secs(2));
    let failures = mediator.publish(Rang).options(options).await.unwrap_err();
    let [failure] = failures.all() else { panic!("{failures}") };
    assert_eq!((failure.handler.unwrap().name(), failure.error.code()), ("sleep_on", Code::Timeout));
}
