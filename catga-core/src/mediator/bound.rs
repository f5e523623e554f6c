use std::future::ready;
use std::marker::PhantomData;
use std::pin::Pin;

use crate::behaviors::{Layer, NextFor};
use crate::context::{Context, Facts};
use crate::error::{Code, Error, Result};
use crate::handler::{Given, Handler, HandlerInfo};
use crate::message::Message;
use crate::runtime;

use super::caught::Caught;
use super::home::Committed;
use super::place::{Held, Place, Room};
use super::{Call, Home};

/// A message's way to one handler, whatever the handler's type.
pub(crate) trait Route<M: Message>: Send + Sync {
    /// The handler.
    fn info(&self) -> &'static HandlerInfo;

    /// Puts the whole run for a call from this process into `place`: pipeline, handler, commit.
    fn start<'a>(&'a self, call: Call<'a, M, super::Sending>, place: Pin<&mut Place<'a, Result<M::Response>>>);

    /// The handler with the pipeline around it, for a context that the caller made and whose journal the caller commits.
    fn pass<'a>(&'a self, pass: Pass<'a, M>) -> Held<'a, Result<M::Response>>;

    /// The handler alone, behind the last behavior.
    fn handle<'a>(&'a self, pass: Pass<'a, M>) -> Held<'a, Result<M::Response>>;
}

/// What goes through the pipeline: the message, the context, and room for the futures of those who handle it.
pub(crate) struct Pass<'a, M> {
    pub(crate) message: Given<'a, M>,
    pub(crate) cx: &'a Context,
    pub(crate) room: Room<'a>,
}

/// A handler with what it asked for, and the layers around it.
pub(crate) struct Bound<M: Message, H> {
    pub(crate) handler: H,
    pub(crate) info: &'static HandlerInfo,
    pub(crate) layers: Box<[Layer<M>]>,
    /// Whether a run may be followed by another in this process: it writes documents, and another may have been faster.
    pub(crate) runs_again: bool,
    pub(crate) takes: PhantomData<fn(M)>,
}

impl<M: Message, H: Handler<M>> Route<M> for Bound<M, H> {
    fn info(&self) -> &'static HandlerInfo {
        self.info
    }

    #[inline]
    fn start<'a>(&'a self, call: Call<'a, M, super::Sending>, place: Pin<&mut Place<'a, Result<M::Response>>>) {
        let Call { home, parent, message, options, .. } = call;
        let facts = match options.into_facts() {
            Ok(facts) => facts,
            Err(error) => return place.fill(|_| ready(Err(error))),
        };
        let from = From { home, parent, facts };
        if self.layers.is_empty() && !self.runs_again && from.is_unbounded() {
            place.fill(|_| self.run_bare(from, message));
        } else {
            place.fill(|room| self.run(from, message, room));
        }
    }

    #[inline]
    fn pass<'a>(&'a self, pass: Pass<'a, M>) -> Held<'a, Result<M::Response>> {
        if self.layers.is_empty() { self.handle(pass) } else { NextFor::new(&self.layers, self, pass).step() }
    }

    fn handle<'a>(&'a self, pass: Pass<'a, M>) -> Held<'a, Result<M::Response>> {
        let Pass { message, cx, room } = pass;
        Held::new(room, |_| Caught::new(self.info, self.handler.handle(message, cx)))
    }
}

/// Where a call comes from.
struct From<'a> {
    home: &'a Home,
    parent: Option<&'a Context>,
    facts: Option<Box<Facts>>,
}

impl From<'_> {
    /// Whether nothing can bring a deadline.
    fn is_unbounded(&self) -> bool {
        self.facts.is_none() && self.parent.is_none()
    }
}

/// How often a handler runs for one message while others change what it read.
const MAX_RUNS: u32 = 8;

impl<M: Message, H: Handler<M>> Bound<M, H> {
    /// The shortest way: nothing around the handler, no deadline, one run.
    #[inline(always)]
    async fn run_bare<'a>(&'a self, from: From<'a>, message: M) -> Result<M::Response> {
        let home = from.home;
        let mut cx = Context::lend(home, from.parent, self.info, from.facts);
        let outcome = Caught::new(self.info, self.handler.handle(Given::Owned(message), cx.get())).await;
        match cx.get_mut().take_journal() {
            Some(journal) if outcome.is_ok() => match Box::pin(home.commit(journal)).await? {
                Committed::Done => outcome,
                Committed::Moved => Err(moved(self.info)),
            },
            _ => outcome,
        }
    }

    /// The whole way: deadline, pipeline, and further runs where a document moved under the handler.
    async fn run<'a>(&'a self, from: From<'a>, message: M, room: Room<'a>) -> Result<M::Response> {
        let home = from.home;
        let mut cx = Context::lend(home, from.parent, self.info, from.facts);
        let deadline = cx.get().deadline();
        let mut message = Some(message);
        for _ in 0..MAX_RUNS {
            let given = match &message {
                Some(message) if self.runs_again => Given::Borrowed(message),
                _ => Given::Owned(message.take().ok_or_else(|| moved(self.info))?),
            };
            let pass = self.pass(Pass { message: given, cx: cx.get(), room: &mut *room });
            let outcome = match runtime::until(deadline, pass).await {
                Some(outcome) => outcome?,
                None => return Err(too_late(self.info)),
            };
            let Some(journal) = cx.get_mut().take_journal() else { return Ok(outcome) };
            match Box::pin(home.commit(journal)).await? {
                Committed::Done => return Ok(outcome),
                Committed::Moved => (),
            }
        }
        Err(moved(self.info))
    }
}

#[cold]
fn moved(handler: &HandlerInfo) -> Error {
    Error::new(
        Code::Conflict,
        format!("what {handler} read was changed by others before it could commit, {MAX_RUNS} times in a row"),
    )
    .retryable(true)
}

/// No effect for sure: the handler's future was dropped before its commit began.
#[cold]
fn too_late(handler: &HandlerInfo) -> Error {
    Error::new(Code::Timeout, format!("{handler} wasn't done by the deadline"))
}
