//! Requests that another node handles, and commands that wait.

use std::time::Duration;

use catga_core::message::MessageId;
use catga_core::{Code, Request, Result, handler, handlers};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::support::{Do, Seen, Shared, actor};

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

#[tokio::test(start_paused = true)]
async fn an_enqueued_command_comes_no_sooner_than_it_was_asked_for() {
    let (shared, seen) = (Shared::default(), Seen::default());
    let actor = actor(&shared, "actor", &seen).await;
    let begun = Instant::now();
    actor.enqueue(Do::Answer).after(Duration::from_secs(30)).await.unwrap();
    seen.wait_for("done", 1).await;
    assert!(begun.elapsed() >= Duration::from_secs(30));
}
