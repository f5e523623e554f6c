//! When all is quiet, and when it isn't.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use catga_core::context::Context;
use catga_core::mediator::Routing;
use catga_core::retry::{Failure, Next};
use catga_core::{Code, Error, Event, Request, Result, handler, handlers, persistence, transport};
use catga_testkit::Harness;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::orders::*;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// How a shop is: orders in one service, its bills in another.
async fn shop(harness: &Harness) -> catga_core::Node {
    let orders = handlers![create_order, show_order, mark_paid];
    let node = harness.start("orders", |node| node.handlers(orders)).await.unwrap();
    harness.start("bills", |node| node.handlers(handlers![bill_order])).await.unwrap();
    node
}

async fn is_quiet_when_the_last_order_is_paid() {
    let harness = Harness::new();
    let node = shop(&harness).await;
    for id in 0..50 {
        node.send(CreateOrder { id }).await.unwrap();
        harness.quiet().await.unwrap();
        assert_eq!(harness.handled("mark_paid"), 1 + id as usize);
        assert_eq!(harness.published::<OrderBilled>().last(), Some(&OrderBilled { id }));
    }
    let orders: Vec<Order> = harness.documents().await.unwrap();
    assert_eq!(orders.len(), 50);
    assert!(orders.iter().all(|order| order.is_paid));
}

#[tokio::test(start_paused = true)]
async fn a_chain_of_events_over_two_services_is_through() {
    is_quiet_when_the_last_order_is_paid().await;
}

#[tokio::test]
async fn the_same_on_the_machines_clock() {
    is_quiet_when_the_last_order_is_paid().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_on_several_threads() {
    is_quiet_when_the_last_order_is_paid().await;
}

#[tokio::test(start_paused = true)]
async fn a_harness_without_nodes_and_one_where_nothing_was_sent_are_quiet_at_once() {
    let harness = Harness::new();
    harness.quiet().await.unwrap();
    shop(&harness).await;
    let before = Instant::now();
    harness.quiet().await.unwrap();
    assert_eq!(before.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn what_was_enqueued_with_a_delay_of_an_hour_is_waited_for() {
    let harness = Harness::new();
    let node = shop(&harness).await;
    let before = Instant::now();
    node.enqueue(CreateOrder { id: 7 }).after(HOUR).await.unwrap();
    assert_eq!(harness.enqueued::<CreateOrder>(), [CreateOrder { id: 7 }]);
    harness.quiet().await.unwrap();
    assert!(before.elapsed() >= HOUR);
    assert_eq!(harness.handled("mark_paid"), 1);
}

#[tokio::test(start_paused = true)]
async fn retries_on_one_node_of_the_service_are_waited_for() {
    let harness = Harness::new();
    let configure = |node: catga_core::node::NodeBuilder| node.provide(Mail::away(2)).retry(for_ever);
    let node = harness.start("orders", |node| configure(node).handlers(handlers![send_receipt])).await.unwrap();
    let before = Instant::now();
    node.publish(OrderPlaced { id: 7 }).await.unwrap();
    harness.quiet().await.unwrap();
    assert!(before.elapsed() >= Duration::from_secs(60));
    assert_eq!((harness.handled("send_receipt"), harness.retried("send_receipt")), (1, 2));
}

/// The transport has settled these: the node alone knows of them.
#[tokio::test(start_paused = true)]
async fn retries_that_each_node_makes_for_itself_are_waited_for() {
    let harness = Harness::new();
    for fails in [2, 0, 4] {
        let start = harness
            .start("orders", |node| node.provide(Mail::away(fails)).retry(for_ever).handlers(handlers![send_notice]));
        start.await.unwrap();
    }
    let node = shop(&harness).await;
    let before = Instant::now();
    node.publish(OrderPlaced { id: 7 }).await.unwrap();
    harness.quiet().await.unwrap();
    assert!(before.elapsed() >= Duration::from_secs(120));
    assert!(before.elapsed() < Duration::from_secs(123), "{:?}", before.elapsed());
    assert_eq!((harness.handled("send_notice"), harness.retried("send_notice")), (3, 6));
}

/// A node that starts late begins with the history, before anything new is sent.
#[tokio::test(start_paused = true)]
async fn a_history_that_a_node_still_has_before_it_is_waited_for() {
    let harness = Harness::new();
    let node = shop(&harness).await;
    for id in 0..300 {
        node.publish(OrderPlaced { id }).await.unwrap();
    }
    harness.quiet().await.unwrap();
    let handlers = handlers![archive_order];
    let start = harness.start("archive", |node| node.provide(Mail::away(1)).retry(for_ever).handlers(handlers));
    start.await.unwrap();
    harness.quiet().await.unwrap();
    assert_eq!((harness.handled("archive_order"), harness.retried("archive_order")), (300, 300));
}

/// With a retry soon enough to wait for it.
#[tokio::test]
async fn on_the_machines_clock_they_are_as_well() {
    let harness = Harness::new();
    let soon = |_: &Failure<'_>| Next::Later(Duration::from_millis(20));
    let handlers = handlers![send_notice, send_receipt];
    let start = harness.start("orders", |node| node.provide(Mail::away(2)).retry(soon).handlers(handlers));
    let node = start.await.unwrap();
    for id in 0..10 {
        node.publish(OrderPlaced { id }).await.unwrap();
        harness.quiet().await.unwrap();
        assert_eq!(harness.handled("send_notice"), 1 + id as usize);
        assert_eq!(harness.handled("send_receipt"), 1 + id as usize);
    }
}

/// Where the transport can't put anything off for so long, the store does.
#[tokio::test(start_paused = true)]
async fn retries_that_the_store_keeps_are_waited_for() {
    let limits = transport::Limits { longest_delay: Some(Duration::from_secs(1)), ..transport::Limits::default() };
    let harness = Harness::on(transport::InMemory::with_limits(limits), persistence::InMemory::new());
    let handlers = handlers![send_receipt];
    let start = harness.start("orders", |node| node.provide(Mail::away(2)).retry(for_ever).handlers(handlers));
    let node = start.await.unwrap();
    node.publish(OrderPlaced { id: 7 }).await.unwrap();
    harness.quiet().await.unwrap();
    assert_eq!((harness.handled("send_receipt"), harness.retried("send_receipt")), (1, 2));
    assert_eq!(harness.published::<OrderPlaced>(), [OrderPlaced { id: 7 }], "what comes again was not published again");
}

#[tokio::test(start_paused = true)]
async fn what_never_becomes_quiet_is_named_with_the_last_failure() {
    let harness = Harness::new();
    let handlers = handlers![send_receipt, send_notice];
    let start = harness.start("orders", |node| node.provide(Mail::away(u32::MAX)).retry(for_ever).handlers(handlers));
    let node = start.await.unwrap();
    node.publish(OrderPlaced { id: 7 }).await.unwrap();
    let before = Instant::now();
    let error = harness.quiet().await.unwrap_err();
    assert_eq!(error.code(), Code::Timeout);
    assert_eq!(before.elapsed(), 24 * HOUR);
    for named in [
        "not quiet after 86400s",
        "`send_receipt` for `OrderPlaced` of the service `orders`: 0 waiting, 0 in flight, 1 put off",
        "the node `orders-1`: 1 events aside",
        "`send_receipt` for `OrderPlaced` on `orders-1` failed at attempt ",
        "no mail today",
    ] {
        assert!(error.message().contains(named), "{named} should be in {}", error.message());
    }
}

#[derive(Event, Clone, Serialize, Deserialize)]
struct Tick;

/// An event that brings forth itself: no time passes.
#[handler(unlinked, once_per = "service")]
async fn tick_again(_: &Tick, cx: &Context) -> Result<()> {
    cx.publish(Tick)
}

#[tokio::test(start_paused = true)]
async fn what_goes_round_in_circles_is_no_endless_wait() {
    let harness = Harness::new();
    let node = harness.start("clock", |node| node.handlers(handlers![tick_again])).await.unwrap();
    node.publish(Tick).await.unwrap();
    let error = harness.quiet().await.unwrap_err();
    assert_eq!(error.code(), Code::TooLarge);
    assert!(error.message().contains("more than 20000 attempts or messages were seen"), "{error}");
    // Wherever it is at that moment.
    let places = ["`tick_again` for `Tick`", "the outbox of the service `clock`"];
    assert!(places.iter().any(|place| error.message().contains(place)), "{error}");
}

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = ())]
struct Hang;

/// Runs until it is let go.
#[handler(unlinked)]
async fn hang(_: &Hang, free: &Notify) -> Result<()> {
    free.notified().await;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_runs_is_named_whatever_called_it() {
    for routing in [Routing::LocalFirst, Routing::Balanced] {
        let (harness, free) = (Harness::new(), Arc::new(Notify::new()));
        let start = harness
            .start("orders", |node| node.provide_as::<Notify>(free.clone()).routing(routing).handlers(handlers![hang]));
        let node = start.await.unwrap();
        let calling = tokio::spawn(async move { node.send(Hang).deadline(24 * HOUR).await });
        tokio::task::yield_now().await;

        let error = harness.quiet_within(HOUR).await.unwrap_err();
        assert!(error.message().contains("`hang` for `Hang` on `orders-1`: 1 running"), "{error}");
        let by_transport = error.message().contains("the requests `Hang`: 0 waiting, 1 in flight, 0 put off");
        assert_eq!(by_transport, routing == Routing::Balanced, "{error}");

        free.notify_one();
        harness.quiet().await.unwrap();
        calling.await.unwrap().unwrap();
    }
}

#[handler(unlinked)]
async fn let_hang(_: &CreateOrder, cx: &Context) -> Result<()> {
    cx.enqueue(Hang)
}

#[tokio::test(start_paused = true)]
async fn an_outbox_that_the_transport_takes_nothing_of_is_named_with_the_reason() {
    let limits = transport::Limits { work: 1, ..transport::Limits::default() };
    let harness = Harness::on(transport::InMemory::with_limits(limits), persistence::InMemory::new());
    let (free, handlers) = (Arc::new(Notify::new()), handlers![let_hang, hang]);
    let start = harness.start("orders", |node| node.provide_as::<Notify>(free.clone()).handlers(handlers));
    let node = start.await.unwrap();
    for id in 0..2 {
        node.send(CreateOrder { id }).await.unwrap();
    }
    let error = harness.quiet_within(HOUR).await.unwrap_err();
    assert!(error.message().contains("the outbox of the service `orders`"), "{error}");
    assert!(error.message().contains("the transport refused `Hang`: the queue of `Hang` is full"), "{error}");

    for _ in 0..2 {
        free.notify_one();
        tokio::time::sleep(HOUR).await;
    }
    harness.quiet().await.unwrap();
    assert_eq!(harness.handled("hang"), 2);
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_a_service_that_is_away_is_no_quiet() {
    let harness = Harness::new();
    let node = shop(&harness).await;
    let away =
        harness.start("mail", |node| node.provide(Mail::away(0)).handlers(handlers![send_receipt])).await.unwrap();
    away.shutdown().await.unwrap();
    node.publish(OrderPlaced { id: 7 }).await.unwrap();
    let error = harness.quiet_within(HOUR).await.unwrap_err();
    assert!(error.message().contains("`send_receipt` for `OrderPlaced` of the service `mail`: 1 waiting"), "{error}");

    harness.start("mail", |node| node.provide(Mail::away(0)).handlers(handlers![send_receipt])).await.unwrap();
    harness.quiet().await.unwrap();
    assert_eq!(harness.handled("send_receipt"), 1);
}

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = ())]
struct Fall;

#[handler(unlinked)]
async fn fall(_: &Fall, cx: &Context) -> Result<()> {
    assert!(cx.attempt() > 1, "the first attempt falls");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_a_failed_attempt() {
    let harness = Harness::new();
    let node = harness.start("orders", |node| node.handlers(handlers![fall])).await.unwrap();
    node.enqueue(Fall).await.unwrap();
    harness.quiet().await.unwrap();
    let outcomes: Vec<_> = harness.attempts("fall").into_iter().map(|attempt| attempt.outcome.map_err(code)).collect();
    assert_eq!(outcomes, [Err(Code::Internal), Ok(())]);
}

fn code(error: Error) -> Code {
    error.code()
}

/// Many at a time, on every place where a message can be.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_quiet_has_nothing_left_to_do() {
    let harness = Harness::new();
    let soon = |_: &Failure<'_>| Next::Later(Duration::from_millis(1));
    let node = shop(&harness).await;
    for _ in 0..2 {
        let handlers = handlers![send_receipt, send_notice];
        let four = NonZeroUsize::new(4).unwrap();
        let start =
            harness.start("mail", |node| node.provide(Mail::away(1)).retry(soon).concurrency(four).handlers(handlers));
        start.await.unwrap();
    }
    for round in 0..20 {
        for id in round * 20..round * 20 + 20 {
            node.enqueue(CreateOrder { id }).await.unwrap();
        }
        harness.quiet().await.unwrap();
        let done = 20 * (round as usize + 1);
        let handled = ["create_order", "show_order", "mark_paid", "send_receipt", "send_notice"]
            .map(|name| harness.handled(name));
        assert_eq!(handled, [done, done, done, done, 2 * done]);
    }
}
