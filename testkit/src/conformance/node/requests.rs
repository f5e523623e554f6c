//! Requests that one node answers to another.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use catga_core::context::Context;
use catga_core::{Code, Error, Event, Request, Result, handler, handlers};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::harness::{NodeHarness, Stage, ok};
use crate::Seen;

const SECOND: Duration = Duration::from_secs(1);

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = String)]
struct Find {
    order: u32,
}

#[handler(unlinked)]
async fn find(command: Find) -> Result<String> {
    match command.order {
        7 => Ok("seven".to_owned()),
        order => Err(Error::not_found("no such order").with_detail("order", order)),
    }
}

/// A handler's failure arrives typed, at once, and not as silence; its success arrives as well.
pub async fn request_error_is_an_answer<H: NodeHarness>() {
    let stage = Stage::<H>::new().await;
    let _orders = ok(stage.orders(handlers![find]).await.start().await);
    let front = stage.caller().await;
    let start = Instant::now();
    let error = front.send(Find { order: 8 }).await.err();
    let error = error.unwrap_or_else(|| panic!("there is no order 8"));
    assert_eq!((error.code(), error.message(), error.detail("order")), (Code::NotFound, "no such order", Some("8")));
    assert_eq!(ok(front.send(Find { order: 7 }).await), "seven");
    assert!(start.elapsed() < 5 * SECOND);
}

/// A gate through which handlers go one by one, when they may.
#[derive(Clone)]
pub(super) struct Gate(Arc<Semaphore>);

impl Gate {
    pub(super) fn closed() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    pub(super) fn open(&self) {
        self.0.add_permits(1_000);
    }

    pub(super) async fn pass(&self) {
        drop(self.0.acquire().await);
    }
}

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = ())]
struct Pack(u32);

#[handler(unlinked)]
async fn pack(command: Pack, gate: &Gate, seen: &Seen) -> Result<()> {
    seen.note(format!("begins {}", command.0));
    gate.pass().await;
    seen.note(format!("ends {}", command.0));
    Ok(())
}

/// A caller waits no longer than it said. Where its request is with a handler the outcome is unknown.
pub async fn request_ends_at_deadline<H: NodeHarness>() {
    let stage = Stage::<H>::new().await;
    let _orders = ok(stage.orders(handlers![pack]).await.provide(Gate::closed()).start().await);
    let front = stage.caller().await;
    let start = Instant::now();
    let error = front.send(Pack(0)).deadline(2 * SECOND).await.err();
    assert_eq!(error.map(|error| error.code()), Some(Code::OutcomeUnknown));
    assert!(start.elapsed() >= 2 * SECOND && start.elapsed() < 4 * SECOND, "{:?}", start.elapsed());
    stage.saw_only(&["begins 0"]).await;
}

/// A request whose time was up before a handler was free for it runs none.
pub async fn expired_not_delivered<H: NodeHarness>() {
    let stage = Stage::<H>::new().await;
    let gate = Gate::closed();
    let orders = stage.orders(handlers![pack]).await.provide(gate.clone()).concurrency(NonZeroUsize::MIN);
    let _orders = ok(orders.start().await);
    let front = Arc::new(stage.caller().await);
    let first = {
        let front = front.clone();
        tokio::spawn(async move { front.send(Pack(0)).deadline(30 * SECOND).await })
    };
    stage.seen.wait_for(1).await;
    let expired = front.send(Pack(1)).deadline(SECOND).await;
    assert!(matches!(expired.map_err(|error| error.code()), Err(Code::Timeout | Code::OutcomeUnknown)));
    gate.open();
    ok(first.await.unwrap_or_else(|ended| panic!("the caller should end: {ended}")));
    ok(front.send(Pack(2)).await);
    stage.saw_only(&["begins 0", "ends 0", "begins 2", "ends 2"]).await;
}

/// As many handlers run at a time as the node allows for a request, and those of another request don't wait for them.
pub async fn slow_handler_starves_no_other<H: NodeHarness>() {
    let stage = Stage::<H>::new().await;
    let gate = Gate::closed();
    let orders = stage.orders(handlers![pack, find]).await.provide(gate.clone());
    let _orders = ok(orders.concurrency(NonZeroUsize::MIN).start().await);
    let front = Arc::new(stage.caller().await);
    let slow = (0..5).map(|body| {
        let front = front.clone();
        tokio::spawn(async move { front.send(Pack(body)).deadline(60 * SECOND).await })
    });
    let slow = Vec::from_iter(slow);
    stage.saw_only(&["begins 0"]).await;
    for _ in 0..5 {
        assert_eq!(ok(front.send(Find { order: 7 }).deadline(5 * SECOND).await), "seven");
    }
    gate.open();
    for call in slow {
        ok(call.await.unwrap_or_else(|ended| panic!("the caller should end: {ended}")));
    }
    assert_eq!(stage.seen.all().len(), 10);
}

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = String)]
struct Book;

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = String)]
struct Charge;

#[derive(Event, Clone, Serialize, Deserialize)]
struct Booked;

/// What a handler knows of its message, in words.
fn known(cx: &Context) -> String {
    let deadline = cx.remaining().is_some_and(|left| left <= 20 * SECOND);
    let causation = cx.causation_id().map(|id| id.to_string()).unwrap_or_default();
    let (principal, tenant) = (cx.principal().unwrap_or_default(), cx.header("tenant").unwrap_or_default());
    format!("{} {causation} {principal} {tenant} {deadline}", cx.correlation_id())
}

#[handler(unlinked)]
async fn book(_: Book, seen: &Seen, cx: &Context) -> Result<String> {
    seen.note(known(cx));
    cx.publish(Booked)?;
    cx.send(Charge).await
}

#[handler(unlinked)]
async fn charge(_: Charge, cx: &Context) -> Result<String> {
    Ok(known(cx))
}

#[handler(unlinked, once_per = "service")]
async fn file(_: Booked, seen: &Seen, cx: &Context) -> Result<()> {
    seen.note(known(cx));
    Ok(())
}

/// Correlation, causation, principal and deadline arrive at each node on the way, also with what a handler sends and publishes; the
/// application's headers arrive where they were sent to.
pub async fn context_travels<H: NodeHarness>() {
    let stage = Stage::<H>::new().await;
    let _orders = ok(stage.orders(handlers![book, file]).await.start().await);
    let _payments = ok(stage.harness.node("payments").await.handlers(handlers![charge]).start().await);
    let front = stage.caller().await;
    let id = catga_core::message::MessageId::new();
    let call = front.send(Book).id(id).as_principal("ada").header("tenant", "blue").deadline(20 * SECOND);
    let charged = ok(call.await);
    assert_eq!(charged, format!("{id} {id} ada  true"));
    stage.saw_only(&[&format!("{id}  ada blue true"), &format!("{id} {id} ada  false")]).await;
}
