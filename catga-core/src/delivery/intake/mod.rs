//! Intake: takes what arrives at a node by one of its subscriptions, and brings it to the handlers that it is for.
//!
//! `requests` answers what somebody waits for; `service` takes what one node of the service gets; `lanes` takes what every node gets and brings it
//! to its handlers, each of which has a `lane` of its own, and a `memory` of what it is through with.

mod kept;
mod lane;
mod lanes;
mod memory;
mod requests;
mod service;
mod shared;

pub(crate) use lanes::NodeEvents;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::mediator::Home;
use crate::runtime::Tasks;

use super::aside::Aside;
use super::gaps::Gaps;
use super::gate::Gate;
use super::places::Places;

/// What all of a node's intakes share.
#[derive(Clone)]
pub(crate) struct Intake {
    pub(crate) home: Arc<Home>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) gaps: Arc<Gaps>,
    pub(crate) aside: Aside,
    pub(crate) places: Places,
    /// The runs of handlers; the node waits for them when it shuts down.
    pub(crate) runs: Tasks,
    /// Ends when the node shuts down.
    pub(crate) stopping: CancellationToken,
}

/// What an intake gets when it wants to take something.
enum Taken<T> {
    This(T),
    /// Nothing, since the gate closed meanwhile.
    NotNow,
    /// Nothing ever again: the node shuts down, or has left.
    Nothing,
}

impl Intake {
    /// What comes next, unless the node shuts down. Nothing is taken while the gate is closed for `handler`; without one it is never closed.
    /// Cancel safe if `next` is.
    async fn take<T>(&self, handler: Option<&str>, next: impl Future<Output = Option<T>>) -> Taken<T> {
        let gated = async {
            let Some(handler) = handler else { return Some(next.await) };
            self.gate.open_for(handler).await;
            self.gate.while_open_for(handler, next).await
        };
        match self.stopping.run_until_cancelled(pin!(gated)).await {
            Some(Some(Some(next))) => Taken::This(next),
            Some(None) => Taken::NotNow,
            Some(Some(None)) | None => Taken::Nothing,
        }
    }
}
