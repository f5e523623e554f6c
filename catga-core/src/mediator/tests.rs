//! What a call costs nobody who doesn't ask for it.

use std::future::Future;
use std::pin::pin;
use std::task::{Context as Task, Poll, Waker};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::behaviors::{Answered, Behavior, Next};
use crate::context::Context;
use crate::node::Catga;
use crate::runtime::asked;
use crate::{Event, Request, Result, handler, handlers};

use super::Mediator;

/// Says whether the handler shall ask for the message's id.
#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = ())]
struct Ask {
    id: bool,
}

#[derive(Event, Clone, Serialize, Deserialize)]
struct Asked;

#[handler(unlinked)]
async fn ask(command: Ask, cx: &Context) -> Result<()> {
    if command.id {
        cx.message_id();
    }
    Ok(())
}

#[handler(unlinked)]
async fn asked_for(_: &Asked, cx: &Context) -> Result<()> {
    assert_eq!((cx.attempt(), cx.deadline(), cx.principal()), (1, None, None));
    Ok(())
}

struct Stands;

impl Behavior for Stands {
    async fn around(&self, next: Next<'_>) -> Result<Answered> {
        next.run().await
    }
}

/// How often a future that is ready at once asks for a clock or for randomness.
#[track_caller]
fn times<F: Future>(future: F) -> u32 {
    let before = asked::times();
    assert!(matches!(pin!(future).poll(&mut Task::from_waker(Waker::noop())), Poll::Ready(_)));
    asked::times() - before
}

#[test]
fn a_send_in_process_mints_no_id_and_reads_no_clock_that_nobody_asks_for() {
    let handlers = handlers![ask, asked_for];
    let bare = Mediator::builder().handlers(handlers).build().unwrap();
    let layered = Mediator::builder().handlers(handlers).behavior(Stands).build().unwrap();
    for mediator in [bare, layered] {
        assert_eq!(times(mediator.send(Ask { id: false }).into_future()), 0);
        assert_eq!(times(mediator.send(Ask { id: false }).as_principal("Ann").into_future()), 0);
        assert_eq!(times(mediator.publish(Asked).into_future()), 0);
        assert_eq!(times(mediator.send(Ask { id: true }).into_future()), 1);
        let in_time = async { mediator.send(Ask { id: false }).deadline(Duration::from_secs(1)).await };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let _entered = runtime.enter();
        assert_eq!(times(in_time), 1);
    }
}

#[test]
fn nor_does_one_through_a_node() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let node = runtime.block_on(Catga::builder("asking").handlers(handlers![ask]).start()).unwrap();
    assert_eq!(times(node.send(Ask { id: false }).into_future()), 0);
}
