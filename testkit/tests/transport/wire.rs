//! What is between a process and the broker, and can break.

use std::future::Future;
use std::time::Duration;

use catga_core::{Error, Result};
use tokio::sync::watch;

/// How long a call waits for a connection.
const PATIENCE: Duration = Duration::from_secs(1);

/// One process's connection.
#[derive(Clone)]
pub(crate) struct Wire(watch::Receiver<bool>);

impl Wire {
    /// A connection, and what breaks and mends it.
    pub(crate) fn new() -> (Self, watch::Sender<bool>) {
        let (sender, receiver) = watch::channel(true);
        (Self(receiver), sender)
    }

    pub(crate) fn is_up(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is whole, or broken.
    pub(crate) async fn becomes(&self, up: bool) {
        // Who could mend it is gone: it stays as it is.
        if self.0.clone().wait_for(|now| *now == up).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Makes a call: when the wire breaks on the way there, nothing happened; on the way back, nobody knows.
    pub(crate) async fn call<T>(&self, call: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::task::yield_now().await;
        if !self.is_up() {
            tokio::time::sleep(PATIENCE).await;
            return Err(Error::unavailable("there is no connection"));
        }
        let outcome = call.await;
        tokio::task::yield_now().await;
        if self.is_up() { outcome } else { Err(Error::outcome_unknown("the connection broke")) }
    }
}
