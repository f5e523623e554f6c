use std::any::{Any, type_name};
use std::future::Future;
use std::sync::Arc;
use std::task::Context as Task;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::handler::{Given, HandlerInfo};
use crate::mediator::{Begun, Caught, Held, Room, Route, Run, beginning};
use crate::message::Message;

use super::every::{Answered, Turn};
use super::layer::Layer;

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
    turn: &'a mut (dyn TurnFor<M> + 'a),
    cx: &'a Context,
    room: Room<'a>,
}

impl<'a, M: Message> NextFor<'a, M> {
    /// Goes on inwards, to the next behavior or the handler.
    ///
    /// # Errors
    ///
    /// The handler's, or that of a behavior further in.
    pub async fn run(self) -> Result<M::Response> {
        let Self { turn, cx, room } = self;
        beginning(|task| turn.begin(room, task)).await?;
        turn.take_answer().ok_or_else(|| not_answered(cx))
    }

    /// The message.
    pub fn message(&self) -> &M {
        match self.turn.typed_message() {
            Some(message) => message,
            None => unreachable!("the message goes to the handler when this runs, and running consumes this"),
        }
    }

    /// The context of the call.
    pub fn context(&self) -> &'a Context {
        self.cx
    }

    /// The handler, with its message's name and kind.
    pub fn handler(&self) -> &'static HandlerInfo {
        self.cx.handler()
    }
}

/// A pipeline on its way: the layers that are still to come, and the answer once there is one.
pub(crate) struct Pipeline<'a, M: Message> {
    layers: &'a [Layer],
    route: &'a dyn Route<M>,
    /// Until the handler takes it.
    message: Option<Given<'a, M>>,
    cx: &'a Context,
    answer: Option<M::Response>,
}

/// What a [`NextFor`] needs of the pipeline behind it.
pub(super) trait TurnFor<M: Message>: Turn {
    fn typed_message(&self) -> Option<&M>;
    fn take_answer(&mut self) -> Option<M::Response>;
    fn put_answer(&mut self, answer: M::Response);
}

impl<'a, M: Message> Pipeline<'a, M> {
    /// The way of a message through `layers` to the handler behind `route`.
    #[inline(always)]
    pub(crate) fn new(layers: &'a [Layer], route: &'a dyn Route<M>, message: Given<'a, M>, cx: &'a Context) -> Self {
        Self { layers, route, message: Some(message), cx, answer: None }
    }

    /// Goes all the way: each layer begins the next one. A panic of a behavior is an error, as a handler's is.
    #[inline(always)]
    pub(crate) async fn run(&mut self, room: Room<'_>) -> Result<M::Response> {
        let cx = self.cx;
        Caught::around(cx.handler(), beginning(|task| self.begin(room, task))).await?;
        self.answer.take().ok_or_else(|| not_answered(cx))
    }

    /// Goes on with a behavior for `M` alone. Out of line, so that pipelines without one pay nothing for it.
    #[inline(never)]
    fn begin_for<'t>(
        &'t mut self,
        behavior: &'t (dyn Any + Send + Sync),
        room: Room<'t>,
        task: &mut Task<'_>,
    ) -> Run<'t, Answered> {
        let cx = self.cx;
        match behavior.downcast_ref::<Arc<dyn ErasedBehaviorFor<M>>>() {
            Some(behavior) => behavior.begin(self, cx, room, task),
            // Layers are picked by their message's type: a behavior for another one isn't here.
            None => Begun::Done(Err(not_answered(cx))),
        }
    }
}

impl<M: Message> Turn for Pipeline<'_, M> {
    #[inline]
    fn begin<'t>(&'t mut self, room: Room<'t>, task: &mut Task<'_>) -> Run<'t, Answered> {
        let (layers, cx) = (self.layers, self.cx);
        match layers.split_first() {
            Some((Layer::Every { behavior, .. }, inner)) => {
                self.layers = inner;
                behavior.begin(self, cx, room, task)
            }
            Some((Layer::For { behavior, .. }, inner)) => {
                self.layers = inner;
                self.begin_for(&**behavior, room, task)
            }
            None => match self.message.take() {
                Some(message) => self.route.handle(message, cx, room, &mut self.answer, task),
                // A `Next` runs at most once, since running consumes it.
                None => Begun::Done(Err(not_answered(cx))),
            },
        }
    }

    fn answer(&mut self, answer: Box<dyn Any>) -> Result<Answered> {
        match answer.downcast::<M::Response>() {
            Ok(answer) => {
                self.answer = Some(*answer);
                Ok(Answered(()))
            }
            Err(_) => Err(wrong_answer(M::NAME, type_name::<M::Response>())),
        }
    }

    fn message(&self) -> &dyn Any {
        match &self.message {
            Some(message) => message.as_ref(),
            None => &(),
        }
    }
}

impl<M: Message> TurnFor<M> for Pipeline<'_, M> {
    fn typed_message(&self) -> Option<&M> {
        self.message.as_ref().map(AsRef::as_ref)
    }

    fn take_answer(&mut self) -> Option<M::Response> {
        self.answer.take()
    }

    fn put_answer(&mut self, answer: M::Response) {
        self.answer = Some(answer);
    }
}

/// [`BehaviorFor`] behind a pointer.
pub(super) trait ErasedBehaviorFor<M: Message>: Send + Sync {
    fn begin<'a>(
        &'a self,
        turn: &'a mut (dyn TurnFor<M> + 'a),
        cx: &'a Context,
        room: Room<'a>,
        task: &mut Task<'_>,
    ) -> Run<'a, Answered>;
}

impl<M: Message, B: BehaviorFor<M>> ErasedBehaviorFor<M> for B {
    fn begin<'a>(
        &'a self,
        turn: &'a mut (dyn TurnFor<M> + 'a),
        cx: &'a Context,
        room: Room<'a>,
        task: &mut Task<'_>,
    ) -> Run<'a, Answered> {
        Held::begin(room, task, |room| async move {
            let answer = self.around(NextFor { turn: &mut *turn, cx, room }).await?;
            turn.put_answer(answer);
            Ok(Answered(()))
        })
    }
}

#[cold]
fn wrong_answer(message: &str, wanted: &str) -> Error {
    Error::internal(format!("a behavior answered `{message}` with another type than `{wanted}`"))
}

#[cold]
fn not_answered(cx: &Context) -> Error {
    Error::internal(format!("a behavior around {} says that it was answered, but it wasn't", cx.handler()))
}
