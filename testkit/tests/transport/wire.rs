//! What is between a process and the broker, and can break.

use std::future::Future;
use std::time::Duration;

use catga_core::{Error, Result};
use tokio::sync::watch;

/// How long a call waits for a connection.
const PATIENCE: Duration = Duration::from_secs(1);

/// How a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    Whole,
    Broken,
    /// Nothing passes, and nobody is told.
    Still,
}

/// One process's connection.
#[derive(Clone)]
pub(crate) struct Wire(watch::Receiver<Condition>);

impl Wire {
    /// A connection, and what breaks and mends it.
    pub(crate) fn new() -> (Self, watch::Sender<Condition>) {
        let (sender, receiver) = watch::channel(Condition::Whole);
        (Self(receiver), sender)
    }

    pub(crate) fn is_whole(&self) -> bool {
        *self.0.borrow() == Condition::Whole
    }

    /// Waits until it is so.
    async fn becomes(&self, fits: impl FnMut(&Condition) -> bool) {
        // Who could change it is gone: it stays as it is.
        if self.0.clone().wait_for(fits).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Waits until it is whole.
    pub(crate) async fn whole(&self) {
        self.becomes(|now| *now == Condition::Whole).await;
    }

    /// Waits until it isn't whole.
    pub(crate) async fn disturbed(&self) {
        self.becomes(|now| *now != Condition::Whole).await;
    }

    /// Waits until something passes, or is known not to; whether it does.
    pub(crate) async fn passes(&self) -> bool {
        tokio::task::yield_now().await;
        self.becomes(|now| *now != Condition::Still).await;
        self.is_whole()
    }

    /// Makes a call: when the wire breaks on the way there, nothing happened; on the way back, nobody knows.
    pub(crate) async fn call<T>(&self, call: impl Future<Output = Result<T>>) -> Result<T> {
        if !self.passes().await {
            tokio::time::sleep(PATIENCE).await;
            return Err(Error::unavailable("there is no connection"));
        }
        let outcome = call.await;
        if self.passes().await { outcome } else { Err(Error::outcome_unknown("the connection broke")) }
    }
}
