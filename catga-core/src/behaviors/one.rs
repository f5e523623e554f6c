use std::future::Future;
use std::marker::PhantomData;

use crate::context::Context;
use crate::error::Result;
use crate::handler::HandlerInfo;
use crate::mediator::beginning;
use crate::message::Message;

use super::every::{Answered, Behavior, Next};
use super::turn::Turn;

/// A layer around the handler of one message type.
///
/// ```
/// use catga_core::behaviors::{BehaviorFor, NextFor};
/// use catga_core::{Error, Message, Result};
///
/// /// Refuses every second one.
/// struct Odd(std::sync::atomic::AtomicU64);
///
/// impl<M: Message> BehaviorFor<M> for Odd {
///     async fn around(&self, next: NextFor<'_, M>) -> Result<M::Response> {
///         match self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % 2 {
///             0 => next.run().await,
///             _ => Err(Error::unavailable("every second one is refused")),
///         }
///     }
/// }
/// ```
///
/// The future may be dropped at any await, when the caller loses interest or the deadline passes.
pub trait BehaviorFor<M: Message>: Send + Sync + 'static {
    /// Runs around one call of one handler. `next.run()` goes on inwards; without it the handler doesn't run.
    fn around(&self, next: NextFor<'_, M>) -> impl Future<Output = Result<M::Response>> + Send;
}

/// The rest of the pipeline, seen from a [`BehaviorFor`].
pub struct NextFor<'a, M: Message> {
    turn: &'a mut Turn<'a>,
    message: PhantomData<fn() -> M>,
}

impl<'a, M: Message> NextFor<'a, M> {
    /// Goes on inwards, to the next behavior or the handler.
    ///
    /// # Errors
    ///
    /// The handler's, or that of a behavior further in.
    pub async fn run(self) -> Result<M::Response> {
        let Self { turn, .. } = self;
        let mut inner = turn.inner();
        let inner = &mut inner;
        beginning(|task| inner.begin(task)).await?;
        turn.take_answer()
    }

    /// The message.
    pub fn message(&self) -> &M {
        match self.turn.message() {
            Some(message) => message,
            None => unreachable!(
                "it stands around messages of this type, and the handler takes them no sooner than this runs"
            ),
        }
    }

    /// The context of the call.
    pub fn context(&self) -> &'a Context {
        self.turn.cx()
    }

    /// The handler, with its message's name and kind.
    pub fn handler(&self) -> &'static HandlerInfo {
        self.context().handler()
    }
}

/// A [`BehaviorFor`] as a [`Behavior`], which stands around messages of that type alone.
pub(super) struct ForOne<M, B> {
    behavior: B,
    message: PhantomData<fn(M)>,
}

impl<M: Message, B: BehaviorFor<M>> ForOne<M, B> {
    pub(super) fn new(behavior: B) -> Self {
        Self { behavior, message: PhantomData }
    }
}

impl<M: Message, B: BehaviorFor<M>> Behavior for ForOne<M, B> {
    async fn around(&self, next: Next<'_>) -> Result<Answered> {
        let mut inner = next.turn.inner();
        let answer = self.behavior.around(NextFor { turn: &mut inner, message: PhantomData }).await?;
        next.answer(answer)
    }
}
