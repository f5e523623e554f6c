use std::future::Future;

use crate::context::Context;
use crate::error::Result;
use crate::handler::HandlerInfo;
use crate::mediator::beginning;

use super::turn::Turn;

/// A layer around the handlers of all messages, or of one kind.
///
/// ```
/// use catga_core::behaviors::{Answered, Behavior, Next};
/// use catga_core::{Error, Result};
///
/// /// Refuses everything while the doors are closed.
/// struct Doors { open: bool }
///
/// impl Behavior for Doors {
///     async fn around(&self, next: Next<'_>) -> Result<Answered> {
///         if !self.open {
///             return Err(Error::unavailable("we are closed"));
///         }
///         next.run().await
///     }
/// }
/// ```
///
/// The future may be dropped at any await, when the caller loses interest or the deadline passes.
pub trait Behavior: Send + Sync + 'static {
    /// Runs around one call of one handler. `next.run()` goes on inwards; without it the handler doesn't run.
    fn around(&self, next: Next<'_>) -> impl Future<Output = Result<Answered>> + Send;
}

/// Says that the call was answered; where the answer is, the pipeline knows.
#[derive(Debug)]
pub struct Answered(pub(crate) ());

/// The rest of the pipeline, seen from a [`Behavior`].
pub struct Next<'a> {
    pub(super) turn: &'a mut Turn<'a>,
}

impl<'a> Next<'a> {
    /// Goes on inwards, to the next behavior or the handler.
    ///
    /// # Errors
    ///
    /// The handler's, or that of a behavior further in.
    pub fn run(self) -> impl Future<Output = Result<Answered>> + Send + 'a {
        beginning(move |task| self.turn.begin(task))
    }

    /// Answers in the handler's place.
    ///
    /// # Errors
    ///
    /// `answer` isn't of the message's response type.
    pub fn answer<T: Send + 'static>(self, answer: T) -> Result<Answered> {
        self.turn.answer(answer)
    }

    /// The context of the call.
    pub fn context(&self) -> &'a Context {
        self.turn.cx()
    }

    /// The handler, with its message's name and kind.
    pub fn handler(&self) -> &'static HandlerInfo {
        self.context().handler()
    }

    /// The message, if it is of this type.
    pub fn message<M: 'static>(&self) -> Option<&M> {
        self.turn.message()
    }
}
