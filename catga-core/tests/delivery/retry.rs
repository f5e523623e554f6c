//! What a node does after a failure, as the policies that it was given decide.

use std::time::Duration;

use catga_core::context::Context;
use catga_core::handler::Registration;
use catga_core::retry::{Came, Failure, Next, Retry};
use catga_core::{Catga, Error, Event, Node, Request, Result, handler, handlers};
use catga_testkit::Seen;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = ())]
struct Print(String);

#[handler]
async fn print(_: Print, seen: &Seen, cx: &Context) -> Result<()> {
    seen.note(format!("attempt {}", cx.attempt()));
    if cx.attempt() < 4 { Err(Error::unavailable("the printer is out of paper")) } else { Ok(()) }
}

#[derive(Event, Clone, Serialize, Deserialize)]
struct Printed(u32);

#[handler]
async fn file(event: Printed, seen: &Seen, cx: &Context) -> Result<()> {
    seen.note(format!("{} filed", event.0));
    if event.0 == 1 && cx.attempt() < 4 { Err(Error::unavailable("the drawer is stuck")) } else { Ok(()) }
}

async fn enqueue(node: &Node) {
    node.enqueue(Print("a letter".to_owned())).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_enqueued_command_is_tried_again_as_the_node_was_told() {
    let seen = Seen::default();
    let retry = Retry::DEFAULT.immediate(1).first(Duration::from_secs(5)).jitter(0);
    let node = Catga::builder("office").retry(retry).provide(seen.clone()).handlers(handlers![print]);
    let node = node.start().await.unwrap();
    let started = Instant::now();
    enqueue(&node).await;
    assert_eq!(seen.wait_for(2).await, ["attempt 1", "attempt 2"]);
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    seen.wait_for(3).await;
    assert!(started.elapsed() >= Duration::from_secs(5), "{:?}", started.elapsed());
    seen.wait_for(4).await;
    assert!(started.elapsed() >= Duration::from_secs(15), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_policy_for_a_message_comes_before_the_nodes() {
    let seen = Seen::default();
    let builder = Catga::builder("office").retry(Retry::NEVER).retry_for::<Print>(Retry::DEFAULT.first(Duration::ZERO));
    let node = builder.provide(seen.clone()).handlers(handlers![print, file]).start().await.unwrap();
    enqueue(&node).await;
    seen.wait_for(4).await;
    node.publish(Printed(1)).await.unwrap();
    node.publish(Printed(2)).await.unwrap();
    assert_eq!(seen.wait_for(6).await[4..], ["1 filed", "2 filed"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_dropped_does_not_come_again() {
    fn drops(failure: &Failure<'_>) -> Next {
        assert_eq!((failure.came, failure.headers.user.get("copy")), (Came::Stored, Some("yes")));
        Next::Drop
    }

    let seen = Seen::default();
    let node = Catga::builder("office").retry(drops).provide(seen.clone()).handlers(handlers![print, file]);
    let node = node.start().await.unwrap();
    node.enqueue(Print("a letter".to_owned())).header("copy", "yes").await.unwrap();
    node.publish(Printed(1)).header("copy", "yes").await.unwrap();
    seen.wait_for(2).await;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(seen.all().len(), 2, "{:?}", seen.all());
}

mod own {
    use super::*;

    const TWICE: Retry = Retry::DEFAULT.attempts(2);

    fn unless_urgent(failure: &Failure<'_>) -> Next {
        if failure.headers.user.get("urgent").is_some() { Next::Dead } else { Retry::DEFAULT.next(failure) }
    }

    fn fails(event: &Printed, who: &str, seen: &Seen, cx: &Context) -> Result<()> {
        seen.note(format!("{who} {}: {}", event.0, cx.attempt()));
        Err(Error::unavailable("the drawer is stuck"))
    }

    #[handler(unlinked, once_per = "service", retry(attempts = 3, immediate = 1, first = "2s", jitter = 0))]
    pub(super) async fn planned(event: &Printed, seen: &Seen, cx: &Context) -> Result<()> {
        fails(event, "planned", seen, cx)
    }

    #[handler(unlinked, once_per = "service", retry(never))]
    pub(super) async fn never(event: &Printed, seen: &Seen, cx: &Context) -> Result<()> {
        fails(event, "never", seen, cx)
    }

    #[handler(unlinked, retry(with = TWICE))]
    pub(super) async fn twice(event: Printed, seen: &Seen, cx: &Context) -> Result<()> {
        fails(&event, "twice", seen, cx)
    }

    #[handler(unlinked, retry(with = self::unless_urgent))]
    pub(super) async fn function(event: Printed, seen: &Seen, cx: &Context) -> Result<()> {
        fails(&event, "function", seen, cx)
    }
}

/// What a handler is run for, when an event is published on a node that never retries.
async fn runs_of(handler: &'static Registration) -> Vec<String> {
    let seen = Seen::default();
    let node = Catga::builder("office").retry(Retry::NEVER).retry_for::<Printed>(Retry::NEVER);
    let node = node.provide(seen.clone()).handlers([handler]).start().await.unwrap();
    node.publish(Printed(7)).header("urgent", "yes").await.unwrap();
    tokio::time::sleep(Duration::from_secs(3600)).await;
    seen.all()
}

#[tokio::test(start_paused = true)]
async fn a_handlers_own_policy_comes_before_all_others() {
    let [planned, never, twice, function] = handlers![own::planned, own::never, own::twice, own::function];
    assert_eq!(runs_of(planned).await, ["planned 7: 1", "planned 7: 2", "planned 7: 3"]);
    assert_eq!(runs_of(never).await, ["never 7: 1"]);
    assert_eq!(runs_of(twice).await, ["twice 7: 1", "twice 7: 2"]);
    assert_eq!(runs_of(function).await, ["function 7: 1"]);
}

/// Can't be cloned, and is taken by value.
#[derive(Request, Serialize, Deserialize)]
#[request(response = ())]
struct Shred;

#[handler(unlinked, retry(attempts = 4))]
async fn shred(_: Shred, seen: &Seen, cx: &Context) -> Result<()> {
    seen.note(format!("attempt {}", cx.attempt()));
    Err(Error::unavailable("the shredder is full"))
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_no_clone_is_retried_and_a_send_to_the_same_node_runs_once() {
    let seen = Seen::default();
    let node = Catga::builder("office").provide(seen.clone()).handlers(handlers![shred]).start().await.unwrap();
    node.send(Shred).await.unwrap_err();
    assert_eq!(seen.all(), ["attempt 1"]);
    node.enqueue(Shred).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(seen.all()[1..], ["attempt 1", "attempt 2", "attempt 3", "attempt 4"]);
}
