use std::any::Any;
use std::future::Future;
use std::task::Context as Task;

use crate::context::Context;
use crate::error::Result;
use crate::handler::HandlerInfo;
use crate::mediator::{Held, Room, Run, beginning};

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
    pub(super) turn: &'a mut dyn Turn,
    pub(super) cx: &'a Context,
    pub(super) room: Room<'a>,
}

impl<'a> Next<'a> {
    /// Goes on inwards, to the next behavior or the handler.
    ///
    /// # Errors
    ///
    /// The handler's, or that of a behavior further in.
    pub fn run(self) -> impl Future<Output = Result<Answered>> + Send + 'a {
        beginning(move |task| self.turn.begin(self.room, task))
    }

    /// Answers in the handler's place.
    ///
    /// # Errors
    ///
    /// `answer` isn't of the message's response type.
    pub fn answer<T: Send + 'static>(self, answer: T) -> Result<Answered> {
        self.turn.answer(Box::new(answer))
    }

    /// The context of the call.
    pub fn context(&self) -> &'a Context {
        self.cx
    }

    /// The handler, with its message's name and kind.
    pub fn handler(&self) -> &'static HandlerInfo {
        self.cx.handler()
    }

    /// The message, if it is of this type.
    pub fn message<M: 'static>(&self) -> Option<&M> {
        self.turn.message().downcast_ref()
    }
}

/// What a [`Next`] needs of the typed pipeline behind it.
pub(crate) trait Turn: Send {
    fn begin<'t>(&'t mut self, room: Room<'t>, task: &mut Task<'_>) -> Run<'t, Answered>;
    fn answer(&mut self, answer: Box<dyn Any>) -> Result<Answered>;
    fn message(&self) -> &dyn Any;
}

/// [`Behavior`] behind a pointer.
pub(crate) trait ErasedBehavior: Send + Sync {
    /// Takes the parts of a [`Next`], since those go by registers.
    fn begin<'a>(
        &'a self,
        turn: &'a mut dyn Turn,
        cx: &'a Context,
        room: Room<'a>,
        task: &mut Task<'_>,
    ) -> Run<'a, Answered>;
}

impl<B: Behavior> ErasedBehavior for B {
    fn begin<'a>(
        &'a self,
        turn: &'a mut dyn Turn,
        cx: &'a Context,
        room: Room<'a>,
        task: &mut Task<'_>,
    ) -> Run<'a, Answered> {
        Held::begin(room, task, |room| self.around(Next { turn, cx, room }))
    }
}
