//! What a harness tells of what was done.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use catga_core::persistence::Letters;
use catga_core::{Code, Event, Result, handler, handlers, persistence, transport};
use catga_testkit::Harness;
use serde::{Deserialize, Serialize};

use crate::orders::*;

#[tokio::test(start_paused = true)]
async fn one_node_of_a_service_handles_once_and_every_node_for_itself() {
    let harness = Harness::new();
    for _ in 0..2 {
        let handlers = handlers![show_order, send_receipt];
        harness.start("orders", |node| node.provide(Mail::away(0)).handlers(handlers)).await.unwrap();
    }
    let node = harness.start("front", |node| node.handlers([])).await.unwrap();
    node.publish(OrderPlaced { id: 7 }).await.unwrap();
    harness.quiet().await.unwrap();
    assert_eq!((harness.handled("send_receipt"), harness.handled("show_order")), (1, 2));

    let mut nodes: Vec<_> = harness.attempts("show_order").into_iter().map(|attempt| attempt.node).collect();
    nodes.sort();
    assert_eq!(nodes, ["orders-1", "orders-2"]);
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_is_there_until_it_is_replayed() {
    let harness = Harness::new();
    let (mail, handlers) = (Arc::new(Mail::broken()), handlers![send_receipt, show_order]);
    let start = harness.start("orders", |node| node.provide_as::<Mail>(mail.clone()).handlers(handlers));
    let node = start.await.unwrap();
    node.publish(OrderPlaced { id: 7 }).await.unwrap();
    harness.quiet().await.unwrap();
    let [letter] = &harness.dead().await.unwrap()[..] else { panic!("there should be one letter") };
    assert_eq!((letter.id.handler.as_str(), letter.attempts), ("OrderPlaced/send_receipt", 1));
    assert_eq!(letter.error().message(), "no mail today");
    assert_eq!((harness.handled("send_receipt"), harness.handled("show_order")), (0, 1));

    mail.mend();
    assert_eq!(node.dead_letters().replay_all(&Letters::default(), "ada").await.unwrap(), 1);
    harness.quiet().await.unwrap();
    assert_eq!(harness.published::<OrderPlaced>(), [OrderPlaced { id: 7 }], "what comes again was not published again");
    assert_eq!((harness.handled("send_receipt"), harness.handled("show_order")), (1, 1));
    assert_eq!(harness.dead().await.unwrap(), []);
}

/// Its letter is that of one node, and only this one handles it again.
#[tokio::test(start_paused = true)]
async fn a_dead_letter_of_a_handler_that_every_node_has_is_replayed_on_its_node() {
    let (harness, mail) = (Harness::new(), Arc::new(Mail::broken()));
    for _ in 0..2 {
        let (mail, handlers) = (mail.clone(), handlers![send_notice, show_order]);
        harness.start("orders", |node| node.provide_as::<Mail>(mail).handlers(handlers)).await.unwrap();
    }
    let node = harness.start("orders", |node| node.handlers([])).await.unwrap();
    node.publish(OrderPlaced { id: 7 }).await.unwrap();
    harness.quiet().await.unwrap();
    let letters = harness.dead().await.unwrap();
    assert_eq!(letters.len(), 2);

    mail.mend();
    assert!(node.dead_letters().replay(&letters[0].id, "ada").await.unwrap());
    harness.quiet().await.unwrap();
    let attempts = harness.attempts("send_notice");
    assert_eq!(attempts.len(), 3);
    assert_eq!((harness.handled("send_notice"), harness.handled("show_order")), (1, 2));
    assert_eq!(Some(&attempts[2].node), letters[0].id.node.as_ref());
}

#[tokio::test(start_paused = true)]
async fn what_a_failed_attempt_published_is_not_there() {
    let harness = Harness::new();
    let node = harness.start("orders", |node| node.handlers(handlers![create_order, mark_paid])).await.unwrap();
    node.send(CreateOrder { id: 7 }).await.unwrap();
    assert_eq!(node.send(CreateOrder { id: 7 }).await.unwrap_err().code(), Code::Conflict);
    harness.quiet().await.unwrap();
    assert_eq!(harness.published::<OrderPlaced>(), [OrderPlaced { id: 7 }]);
    assert_eq!(harness.documents::<Order>().await.unwrap(), [Order { id: 7, is_paid: false }]);
}

#[tokio::test(start_paused = true)]
async fn documents_are_read_page_by_page() {
    let harness = Harness::new();
    let node = harness.start("orders", |node| node.handlers(handlers![create_order])).await.unwrap();
    for id in 10_000..11_001 {
        node.send(CreateOrder { id }).await.unwrap();
    }
    let ids: Vec<_> = harness.documents::<Order>().await.unwrap().into_iter().map(|order| order.id).collect();
    assert_eq!(ids, Vec::from_iter(10_000..11_001));
}

#[derive(Event, Clone, Serialize, Deserialize)]
struct OrderLost;

mod other {
    use super::*;

    #[handler(unlinked)]
    pub(super) async fn show_order(_: &OrderLost) -> Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_that_no_handler_or_several_have_is_refused() {
    let harness = Harness::new();
    let handlers = handlers![show_order, other::show_order];
    harness.start("orders", |node| node.handlers(handlers)).await.unwrap();
    let said = |name: &str| {
        let panic = catch_unwind(AssertUnwindSafe(|| harness.handled(name))).unwrap_err();
        panic.downcast_ref::<String>().cloned().unwrap_or_default()
    };
    assert_eq!(said("show_ordr"), "no node of this harness has a handler `show_ordr`");
    assert_eq!(
        said("show_order"),
        "`show_order` is the name of `OrderLost/show_order` and `OrderPlaced/show_order`: give one of these"
    );
    assert_eq!(harness.handled("OrderPlaced/show_order"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_was_given_other_seams_is_refused() {
    let harness = Harness::new();
    let of_its_own = harness.start("orders", |node| node.transport(transport::InMemory::new()).handlers([])).await;
    let of_its_own = of_its_own.unwrap_err();
    assert_eq!(of_its_own.code(), Code::Validation);
    assert!(of_its_own.message().contains("leave them to the harness"), "{of_its_own}");
    let other_store = harness.start("orders", |node| node.persistence(persistence::InMemory::new()).handlers([])).await;
    assert_eq!(other_store.unwrap_err().code(), Code::Validation);
    harness.start("orders", |node| node.handlers([])).await.unwrap();
}
