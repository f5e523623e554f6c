use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::delivery::{Aside, Gaps, Gate};
use crate::error::Result;
use crate::mediator::Home;
use crate::runtime::{self, Tasks};
use crate::transport::Link;

use super::{Health, Links};

/// How long what was cancelled may take to commit what it had begun to commit, and to settle its deliveries. A handler that blocks its
/// thread can't be cancelled at all.
const SETTLING: Duration = Duration::from_secs(5);

/// A node's part in its cluster, from its start to its end.
pub(crate) struct Membership {
    pub(super) home: Arc<Home>,
    pub(super) link: Arc<dyn Link>,
    pub(super) gate: Arc<Gate>,
    pub(super) gaps: Arc<Gaps>,
    pub(super) aside: Aside,
    pub(super) grace: Duration,
    /// Ends the intake.
    pub(super) stopping: CancellationToken,
    /// Ends the relay, when nothing runs any longer that could commit.
    pub(super) flushing: CancellationToken,
    /// The intake and the relay.
    pub(super) loops: Loops,
    /// The runs of handlers for what arrived.
    pub(super) runs: Tasks,
    pub(super) ended: Mutex<bool>,
}

/// The loops of a node.
#[derive(Default)]
pub(crate) struct Loops {
    pub(super) intake: Tasks,
    pub(super) relay: Tasks,
}

impl Membership {
    pub(crate) fn home(&self) -> &Home {
        &self.home
    }

    pub(crate) async fn health(&self) -> Health {
        let mut reasons = Vec::new();
        if self.stopping.is_cancelled() {
            reasons.push("the node is shutting down".to_owned());
        }
        if let Err(error) = self.link.health().await {
            reasons.push(format!("transport: {error}"));
        }
        if let Some(store) = self.home.links().and_then(Links::store)
            && let Err(error) = store.health().await
        {
            reasons.push(format!("persistence: {error}"));
        }
        reasons.extend(self.gate.reasons());
        reasons.extend(self.gaps.open().into_iter().map(|(subscription, missed)| {
            format!(
                "{subscription} missed {missed} events that the history dropped: accept the gap, or make good for it"
            )
        }));
        Health { reasons }
    }

    pub(super) fn accept_gaps(&self) {
        self.gaps.accept();
    }

    pub(crate) async fn end(&self) -> Result<()> {
        let mut ended = self.ended.lock().await;
        if *ended {
            return Ok(());
        }
        let deadline = Some(runtime::after(self.grace));
        self.stopping.cancel();
        if let Some(links) = self.home.links() {
            links.calls.stop();
        }
        if runtime::until(deadline, self.drained()).await.is_none() {
            tracing::warn!(grace = ?self.grace, "handlers that are not done within the grace period are cancelled");
            self.cancel_runs();
            if runtime::until(Some(runtime::after(SETTLING)), self.drained()).await.is_none() {
                tracing::warn!("handlers that were cancelled go on; what they handle is handled again elsewhere");
            }
        }
        self.flushing.cancel();
        if runtime::until(Some(runtime::after(self.grace)), self.loops.relay.finished()).await.is_none() {
            tracing::warn!("the outbox couldn't be flushed within the grace period; another relay will do it");
        }
        self.link.leave().await?;
        *ended = true;
        Ok(())
    }

    /// Waits until nothing more is taken and nothing runs.
    async fn drained(&self) {
        // The runs for what arrived are started by the intake and by nobody else.
        self.loops.intake.finished().await;
        self.runs.finished().await;
        if let Some(links) = self.home.links() {
            links.calls.finished().await;
        }
    }

    fn cancel_runs(&self) {
        if let Some(cancellation) = self.home.cancellation() {
            cancellation.cancel();
        }
    }
}

impl Drop for Membership {
    /// The node is gone: nothing of it goes on.
    fn drop(&mut self) {
        self.stopping.cancel();
        self.cancel_runs();
        self.flushing.cancel();
    }
}
