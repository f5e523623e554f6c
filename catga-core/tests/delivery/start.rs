//! Nodes that begin: the history, the roles, and a start that is given up.

use std::future::pending;

use catga_core::{Catga, Result, handler, handlers};

use crate::support::{self, Happened, Seen, Shared};

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
        .handlers(handlers![support::calm])
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
    let node =
        shared.node("viewing").provide(seen.clone()).handlers(handlers![view, support::calm]).start().await.unwrap();
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

    let all = handlers![work, mail, support::calm];
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
