use std::sync::Arc;
use std::thread;

use catga_core::behaviors::{Answered, Behavior, Next};
use catga_core::{Error, Result};

use super::super::notes::Attempt;
use super::super::observer::Observer;

/// Notes each attempt of a node's handlers; the outermost of its behaviors.
pub(in super::super) struct WatchedHandlers(pub(in super::super) Arc<Observer>);

impl Behavior for WatchedHandlers {
    async fn around(&self, next: Next<'_>) -> Result<Answered> {
        let cx = next.context();
        let attempt = Attempt {
            service: cx.service().to_owned(),
            node: cx.node().to_owned(),
            handler: next.handler(),
            message: cx.message_id(),
            nth: cx.attempt(),
            outcome: Err(cut_off()),
        };
        let mut running = Running::new(&self.0, attempt);
        let outcome = next.run().await;
        running.attempt.outcome = outcome.as_ref().map(drop).map_err(Clone::clone);
        outcome
    }
}

/// An attempt that is being made: noted when it ends, however that is.
struct Running<'a> {
    observer: &'a Observer,
    attempt: Attempt,
}

impl<'a> Running<'a> {
    fn new(observer: &'a Observer, attempt: Attempt) -> Self {
        observer.change(|notes| notes.begun(&attempt));
        Self { observer, attempt }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.attempt.outcome = Err(Error::internal("it panicked").retryable(true));
        }
        self.observer.change(|notes| notes.ended(self.attempt.clone()));
    }
}

fn cut_off() -> Error {
    Error::cancelled("it was cut off").retryable(true)
}
