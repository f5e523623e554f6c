use std::any::{Any, type_name};
use std::future::Future;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::handler::HandlerInfo;
use crate::mediator::{Held, Pass, Room, Route};
use crate::message::Message;

use super::every::{Answered, Next, Turn};
use super::layer::{Layer, Run};

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
    pub async fn run(self) -> Result<M::Response> {
        self.step().await
    }

    /// The next layer's run, put into the room.
    #[inline(always)]
    pub(crate) fn step(self) -> Run<'a, M::Response> {
        let Self { layers, route, pass } = self;
        match layers.split_first() {
            None => route.handle(pass),
            Some((Layer::For(behavior), layers)) => behavior.start(Self { layers, route, pass }),
            Some((Layer::Every(behavior), layers)) => {
                let Pass { message, cx, room } = pass;
                Held::new(room, |room| async move {
                    let rest = Rest { layers, route, message, cx };
                    let mut turn = TurnFor { rest: Some(rest), answer: None };
                    behavior.start(Next { turn: &mut turn, cx, room }).await?;
                    turn.answer.ok_or_else(|| not_answered(cx))
                })
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
    fn start<'a>(&'a self, next: NextFor<'a, M>) -> Run<'a, M::Response>;
}

impl<M: Message, B: BehaviorFor<M>> ErasedBehaviorFor<M> for B {
    fn start<'a>(&'a self, next: NextFor<'a, M>) -> Run<'a, M::Response> {
        let NextFor { layers, route, pass: Pass { message, cx, room } } = next;
        Held::new(room, |room| self.around(NextFor { layers, route, pass: Pass { message, cx, room } }))
    }
}

/// A typed pipeline while an untyped behavior has its turn.
struct TurnFor<'a, M: Message> {
    rest: Option<Rest<'a, M>>,
    answer: Option<M::Response>,
}

struct Rest<'a, M: Message> {
    layers: &'a [Layer<M>],
    route: &'a dyn Route<M>,
    message: crate::handler::Given<'a, M>,
    cx: &'a Context,
}

impl<M: Message> Turn for TurnFor<'_, M> {
    fn run<'t>(&'t mut self, room: Room<'t>) -> Run<'t, Answered> {
        Held::new(room, |room| async move {
            // A `Next` runs at most once, since running consumes it.
            let Some(Rest { layers, route, message, cx }) = self.rest.take() else { return Ok(Answered(())) };
            let pass = Pass { message, cx, room };
            self.answer = Some(NextFor { layers, route, pass }.step().await?);
            Ok(Answered(()))
        })
    }

    fn answer(&mut self, answer: Box<dyn Any>) -> Result<Answered> {
        match answer.downcast::<M::Response>() {
            Ok(answer) => self.answer = Some(*answer),
            Err(_) => {
                let (message, wanted) = (M::NAME, type_name::<M::Response>());
                let what = format!("a behavior answered `{message}` with another type than `{wanted}`");
                return Err(Error::internal(what));
            }
        }
        Ok(Answered(()))
    }

    fn message(&self) -> &dyn Any {
        match &self.rest {
            Some(rest) => rest.message.as_ref(),
            None => &(),
        }
    }
}

#[cold]
fn not_answered(cx: &Context) -> Error {
    Error::internal(format!("a behavior around {} says that it was answered, but it wasn't", cx.handler()))
}
