//! Intake: takes what arrives at a node by one of its subscriptions, and brings it to the handlers that it is for.
//!
//! `requests` answers what somebody waits for; `service` takes what one node of the service gets; `lanes` takes what every node gets, in its
//! order; `resume` does so from where the handler stopped.

mod lanes;
mod requests;
mod resume;
mod service;

use std::future::Future;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::mediator::Home;
use crate::runtime::Tasks;

use super::gate::Gate;
use super::places::Places;

/// What all of a node's intakes share.
#[derive(Clone)]
pub(crate) struct Intake {
    pub(crate) home: Arc<Home>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) places: Places,
    /// The runs of handlers; the node waits for them when it shuts down.
    pub(crate) runs: Tasks,
    /// Ends when the node shuts down.
    pub(crate) stopping: CancellationToken,
}

impl Intake {
    /// What comes next, unless the node shuts down.
    async fn unless_stopping<T>(&self, next: impl Future<Output = Option<T>>) -> Option<T> {
        self.stopping.run_until_cancelled(next).await.flatten()
    }
}
