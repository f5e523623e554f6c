//! Handlers of events that fail.

use std::time::Duration;

use catga_core::{Error, Event, Result, handler, handlers};
use serde::de::Deserializer;
use serde::{Deserialize, Serialize};

use crate::support::{self, Happened, Seen, Shared};

#[tokio::test(start_paused = true)]
async fn a_handler_of_an_event_that_fails_is_tried_again_alone() {
    let (shared, seen) = (Shared::default(), Seen::default());
    let node = shared
        .node("acting")
        .provide(seen.clone())
        .handlers(handlers![support::calm, support::shaky])
        .start()
        .await
        .unwrap();
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
