use std::fmt;
use std::sync::Arc;

use crate::error::{Code, Error, Result};
use crate::handler::HandlerInfo;
use crate::message::{Event, Request};

use super::{Builder, Call, Home, PublishingHere, Sending};

/// Dispatch within this process, for whoever needs no node: no transport, no persistence, nothing encoded.
///
/// Cheap to clone; clones are the same mediator.
#[derive(Clone)]
pub struct Mediator {
    home: Arc<Home>,
}

impl Mediator {
    /// Says what a mediator shall be.
    pub fn builder() -> MediatorBuilder {
        Builder::new(Alone(()))
    }

    /// Sends a request to its handler; awaited, gives the response.
    ///
    /// # Errors
    ///
    /// The handler's error, its panic (`Internal`), `NoHandler`, or `Timeout` if a deadline was given and has passed.
    #[inline(always)]
    pub fn send<R: Request>(&self, request: R) -> Call<'_, R, Sending> {
        Call::new(&self.home, None, request)
    }

    /// Publishes an event to its handlers in this process, which run side by side; awaited, gives their failures.
    ///
    /// One that fails or panics doesn't stop the others. An event without handlers is no failure.
    ///
    /// # Errors
    ///
    /// [`Failures`](super::Failures) names each handler that failed.
    #[inline(always)]
    pub fn publish<E: Event>(&self, event: E) -> Call<'_, E, PublishingHere> {
        Call::new(&self.home, None, event)
    }

    /// The handlers that it has.
    pub fn handlers(&self) -> &[&'static HandlerInfo] {
        self.home.table.handlers()
    }
}

impl fmt::Debug for Mediator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mediator").field("handlers", &self.handlers().len()).finish_non_exhaustive()
    }
}

/// Says what a [`Mediator`] shall be.
pub type MediatorBuilder = Builder<Alone>;

/// What only a mediator's builder holds: nothing.
#[derive(Debug)]
pub struct Alone(());

impl MediatorBuilder {
    /// The mediator.
    ///
    /// # Errors
    ///
    /// All that is wrong with the handlers, in one error (`Validation`): two for one request, two of one name, two message types with one wire
    /// name, something asked for that nobody provided.
    pub fn build(self) -> Result<Mediator> {
        let table = self
            .dispatch
            .table(None, None)
            .map_err(|problems| Error::several(Code::Validation, "this mediator can't be built", problems))?;
        Ok(Mediator { home: Arc::new(Home::new(table, None)) })
    }
}
