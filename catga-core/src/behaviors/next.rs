use std::any::{Any, type_name};
use std::future::Future;
use std::task::Context as Task;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::handler::{Given, HandlerInfo};
use crate::mediator::{Begun, Held, Pass, Room, Route, Run, beginning};
use crate::message::Message;

use super::every::{Answered, Next, Turn};
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
    layers: &'a [Layer<M>],
    route: &'a dyn Route<M>,
    pass: Pass<'a, M>,
}

impl<'a, M: Message> NextFor<'a, M> {
    #[inline(always)]
    pub(crate) fn new(layers: &'a [Layer<M>], route: &'a dyn Route<M>, pass: Pass<'a, M>) -> Self {
        Self { layers, route, pass }
    }

    /// Goes on inwards, to the next behavior or the handler.
    ///
    /// # Errors
    ///
    /// The handler's, or that of a behavior further in.
    pub fn run(self) -> impl Future<Output = Result<M::Response>> + Send + 'a {
        beginning(move |task| self.begin(task))
    }

    /// Begins the next layer's run in the room.
    #[inline(always)]
    pub(crate) fn begin(self, task: &mut Task<'_>) -> Run<'a, M::Response> {
        let Self { layers, route, pass } = self;
        match layers.split_first() {
            None => route.handle(pass, task),
            Some((Layer::For(behavior), layers)) => behavior.begin(Self { layers, route, pass }, task),
            Some((Layer::Every(_), _)) => {
                let Pass { message, cx, room } = pass;
                Held::begin(room, task, |room| through(layers, route, Pass { message, cx, room }))
            }
        }
    }

    /// The message.
    pub fn message(&self) -> &M {
        self.pass.message.as_ref()
    }

    /// The context of the call.
    pub fn context(&self) -> &'a Context {
        self.pass.cx
    }

    /// The handler, with its message's name and kind.
    pub fn handler(&self) -> &'static HandlerInfo {
        self.pass.cx.handler()
    }
}

/// [`BehaviorFor`] behind a pointer.
pub(crate) trait ErasedBehaviorFor<M: Message>: Send + Sync {
    fn begin<'a>(&'a self, next: NextFor<'a, M>, task: &mut Task<'_>) -> Run<'a, M::Response>;
}

impl<M: Message, B: BehaviorFor<M>> ErasedBehaviorFor<M> for B {
    fn begin<'a>(&'a self, next: NextFor<'a, M>, task: &mut Task<'_>) -> Run<'a, M::Response> {
        let NextFor { layers, route, pass: Pass { message, cx, room } } = next;
        Held::begin(room, task, |room| self.around(NextFor { layers, route, pass: Pass { message, cx, room } }))
    }
}

/// The whole of a pipeline.
#[inline(always)]
pub(crate) async fn through<M: Message>(
    layers: &[Layer<M>],
    route: &dyn Route<M>,
    pass: Pass<'_, M>,
) -> Result<M::Response> {
    let Pass { message, cx, room } = pass;
    let mut turn = TurnFor { layers, route, message: Some(message), cx, answer: None };
    beginning(|task| turn.begin(room, task)).await?;
    turn.answer.ok_or_else(|| not_answered(cx))
}

/// A pipeline while untyped behaviors have their turn: each starts the next one, and only behind the last of them the pipeline is typed
/// again.
struct TurnFor<'a, M: Message> {
    layers: &'a [Layer<M>],
    route: &'a dyn Route<M>,
    message: Option<Given<'a, M>>,
    cx: &'a Context,
    answer: Option<M::Response>,
}

impl<M: Message> TurnFor<'_, M> {
    /// Goes on with a behavior for `M` alone. Out of line, so that pipelines without one pay nothing for it.
    #[inline(never)]
    fn begin_typed<'t>(&'t mut self, message: Given<'t, M>, room: Room<'t>, task: &mut Task<'_>) -> Run<'t, Answered> {
        let (layers, route, cx) = (self.layers, self.route, self.cx);
        Held::begin(room, task, |room| async move {
            let next = NextFor { layers, route, pass: Pass { message, cx, room } };
            self.answer = Some(next.run().await?);
            Ok(Answered(()))
        })
    }
}

impl<M: Message> Turn for TurnFor<'_, M> {
    #[inline]
    fn begin<'t>(&'t mut self, room: Room<'t>, task: &mut Task<'_>) -> Run<'t, Answered> {
        let (layers, cx) = (self.layers, self.cx);
        if let Some((Layer::Every(behavior), inner)) = layers.split_first() {
            self.layers = inner;
            return behavior.begin(Next { turn: self, cx, room }, task);
        }
        match self.message.take() {
            Some(message) if layers.is_empty() => {
                self.route.handle_into(Pass { message, cx, room }, &mut self.answer, task)
            }
            Some(message) => self.begin_typed(message, room, task),
            // A `Next` runs at most once, since running consumes it.
            None => Begun::Done(Ok(Answered(()))),
        }
    }

    fn answer(&mut self, answer: Box<dyn Any>) -> Result<Answered> {
        match answer.downcast::<M::Response>() {
            Ok(answer) => {
                self.answer = Some(*answer);
                Ok(Answered(()))
            }
            Err(_) => {
                let (message, wanted) = (M::NAME, type_name::<M::Response>());
                Err(Error::internal(format!("a behavior answered `{message}` with another type than `{wanted}`")))
            }
        }
    }

    fn message(&self) -> &dyn Any {
        match &self.message {
            Some(message) => message.as_ref(),
            None => &(),
        }
    }
}

#[cold]
fn not_answered(cx: &Context) -> Error {
    Error::internal(format!("a behavior around {} says that it was answered, but it wasn't", cx.handler()))
}
