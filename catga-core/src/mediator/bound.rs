use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use crate::behaviors::{Answered, Layer, NextFor, through};
use crate::context::{Context, Facts, Journal};
use crate::error::{Code, Error, Result};
use crate::handler::{Given, Handler, HandlerInfo};
use crate::message::Message;
use crate::runtime;

use super::caught::Caught;
use super::home::Committed;
use super::place::{Begun, Held, Place, Room, beginning};
use super::{Call, Home, Sending};

/// A message's way to one handler, whatever the handler's type.
pub(crate) trait Route<M: Message>: Send + Sync {
    /// The handler.
    fn info(&self) -> &'static HandlerInfo;

    /// Begins the whole run for a call from this process in `place`: pipeline, handler, commit.
    fn begin<'a>(
        &'a self,
        call: Call<'a, M, Sending>,
        place: Pin<&mut Place<'a, Result<M::Response>>>,
        task: &mut Task<'_>,
    ) -> Poll<Result<M::Response>>;

    /// Begins the handler with the pipeline around it, for a context that the caller made and whose journal the caller commits.
    fn pass<'a>(&'a self, pass: Pass<'a, M>, task: &mut Task<'_>) -> Run<'a, M::Response>;

    /// Begins the handler alone, behind the last behavior.
    fn handle<'a>(&'a self, pass: Pass<'a, M>, task: &mut Task<'_>) -> Run<'a, M::Response>;

    /// The same, with the response put where untyped behaviors leave it.
    fn handle_into<'a>(
        &'a self,
        pass: Pass<'a, M>,
        answer: &'a mut Option<M::Response>,
        task: &mut Task<'_>,
    ) -> Run<'a, Answered>;
}

/// A run in place, begun.
pub(crate) type Run<'a, T> = Begun<'a, Result<T>>;

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

impl<M: Message, H: Handler<M, Response = M::Response>> Route<M> for Bound<M, H> {
    fn info(&self) -> &'static HandlerInfo {
        self.info
    }

    #[inline]
    fn begin<'a>(
        &'a self,
        call: Call<'a, M, Sending>,
        place: Pin<&mut Place<'a, Result<M::Response>>>,
        task: &mut Task<'_>,
    ) -> Poll<Result<M::Response>> {
        let Call { home, parent, message, options, .. } = call;
        let from = From { home, parent, facts: options.into_facts()? };
        if self.runs_again || !from.is_unbounded() {
            place.begin(task, |room| self.run(from, message, room))
        } else if self.layers.is_empty() {
            place.begin(task, |_| self.run_bare(from, message))
        } else {
            place.begin(task, |room| self.run_layered(from, message, room))
        }
    }

    #[inline]
    fn pass<'a>(&'a self, pass: Pass<'a, M>, task: &mut Task<'_>) -> Run<'a, M::Response> {
        if self.layers.is_empty() {
            self.handle(pass, task)
        } else {
            NextFor::new(&self.layers, self, pass).begin(task)
        }
    }

    #[inline]
    fn handle<'a>(&'a self, pass: Pass<'a, M>, task: &mut Task<'_>) -> Run<'a, M::Response> {
        let Pass { message, cx, room } = pass;
        Held::begin(room, task, |_| Caught::new(self.info, self.handler.handle(message, cx)))
    }

    #[inline]
    fn handle_into<'a>(
        &'a self,
        pass: Pass<'a, M>,
        answer: &'a mut Option<M::Response>,
        task: &mut Task<'_>,
    ) -> Run<'a, Answered> {
        let Pass { message, cx, room } = pass;
        Held::begin(room, task, |_| async move {
            *answer = Some(Caught::new(self.info, self.handler.handle(message, cx)).await?);
            Ok(Answered(()))
        })
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

impl<M: Message, H: Handler<M, Response = M::Response>> Bound<M, H> {
    /// The shortest way: nothing around the handler, no deadline, one run.
    #[inline(always)]
    async fn run_bare<'a>(&'a self, from: From<'a>, message: M) -> Result<M::Response> {
        let home = from.home;
        let mut cx = Context::lend(home, from.parent, self.info, from.facts);
        let outcome = Caught::new(self.info, self.handler.handle(Given::Owned(message), cx.get())).await;
        match cx.get_mut().take_journal() {
            None => outcome,
            Some(journal) => Box::pin(self.close(home, journal, outcome)).await,
        }
    }

    /// The same, with behaviors around the handler.
    #[inline(always)]
    async fn run_layered<'a>(&'a self, from: From<'a>, message: M, room: Room<'a>) -> Result<M::Response> {
        let home = from.home;
        let mut cx = Context::lend(home, from.parent, self.info, from.facts);
        let outcome = through(&self.layers, self, Pass { message: Given::Owned(message), cx: cx.get(), room }).await;
        match cx.get_mut().take_journal() {
            None => outcome,
            Some(journal) => Box::pin(self.close(home, journal, outcome)).await,
        }
    }

    /// Commits a successful run that won't be followed by another.
    async fn close(&self, home: &Home, journal: Box<Journal>, outcome: Result<M::Response>) -> Result<M::Response> {
        let response = outcome?;
        match home.commit(journal).await? {
            Committed::Done => Ok(response),
            Committed::Moved => Err(moved(self.info)),
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
            let pass = Pass { message: given, cx: cx.get(), room: &mut *room };
            let pass = beginning(|task| self.pass(pass, task));
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
pub(crate) fn too_late(handler: &HandlerInfo) -> Error {
    Error::new(Code::Timeout, format!("{handler} wasn't done by the deadline"))
}
