use std::any::{Any, type_name};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll};

use crate::behaviors::{Answered, End, Layer, Turn, not_answered};
use crate::context::{Context, Facts, Journal};
use crate::delivery::Endpoint;
use crate::error::{Code, Error, Result};
use crate::handler::{Given, Handler, HandlerInfo};
use crate::message::{Kind, Message};
use crate::runtime;

use super::Home;
use super::caught::Caught;
use super::home::Committed;
use super::place::{Area, Begun, Place, Room};
use super::send::ROOM as SENDING;

/// A message's way to one handler, whatever the handler's type.
pub(crate) trait Route<M: Message>: Send + Sync {
    /// The handler.
    fn info(&self) -> &'static HandlerInfo;

    /// The same handler, as a delivery sees it.
    fn endpoint(&self) -> &dyn Endpoint;

    /// Begins the whole run for a call from this process in `place`: pipeline, handler, commit. Many arguments, since those go by
    /// registers.
    fn begin<'a>(
        &'a self,
        home: &'a Home,
        parent: Option<&'a Context>,
        facts: Option<Box<Facts>>,
        message: M,
        place: Pin<&mut Place<'a, Result<M::Response>, SENDING>>,
        task: &mut Task<'_>,
    ) -> Poll<Result<M::Response>>;

    /// Begins the whole run for an event that was published in this process.
    fn notify<'a>(
        &'a self,
        home: &'a Home,
        event: &'a M,
        facts: Option<Box<Facts>>,
        room: &mut Room<'a>,
        task: &mut Task<'_>,
    ) -> Run<'a, ()>;

    /// Runs the whole pipeline once, until the context's deadline at the latest. The caller commits the context's journal.
    fn attempt<'a>(&'a self, cx: &'a Context, message: Given<'a, M>) -> Boxed<'a, Result<M::Response>>;
}

/// A future in a box, on the ways where an allocation doesn't matter.
pub(crate) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A run in place, begun.
pub(crate) type Run<'a, T> = Begun<'a, Result<T>>;

/// A handler with what it asked for, and the layers around it.
pub(crate) struct Bound<M: Message, H> {
    pub(crate) handler: H,
    pub(crate) info: &'static HandlerInfo,
    /// The handler's identity.
    pub(crate) identity: Arc<str>,
    pub(crate) layers: Box<[Layer]>,
    /// Whether a run may be followed by another in this process: it writes documents, and another may have been faster.
    pub(crate) runs_again: bool,
    pub(crate) takes: PhantomData<fn(M)>,
}

impl<M: Message, H: Handler<M, Response = M::Response>> Route<M> for Bound<M, H> {
    fn info(&self) -> &'static HandlerInfo {
        self.info
    }

    fn endpoint(&self) -> &dyn Endpoint {
        self
    }

    #[inline]
    fn begin<'a>(
        &'a self,
        home: &'a Home,
        parent: Option<&'a Context>,
        facts: Option<Box<Facts>>,
        message: M,
        place: Pin<&mut Place<'a, Result<M::Response>, SENDING>>,
        task: &mut Task<'_>,
    ) -> Poll<Result<M::Response>> {
        // Known when this is compiled, so an event's handlers don't carry what only requests need.
        if const { matches!(M::KIND, Kind::Event) } {
            return Poll::Ready(Err(moved(self.info)));
        }
        let from = From { home, parent, facts };
        if self.runs_again || !from.is_unbounded() {
            place.begin(task, |_| self.run(from, message))
        } else if self.layers.is_empty() {
            place.begin(task, |_| self.run_bare(from, message))
        } else {
            place.begin(task, |room| self.run_layered(from, message, room))
        }
    }

    fn notify<'a>(
        &'a self,
        home: &'a Home,
        event: &'a M,
        facts: Option<Box<Facts>>,
        room: &mut Room<'a>,
        task: &mut Task<'_>,
    ) -> Run<'a, ()> {
        // Known when this is compiled, so a request's handlers don't carry it.
        if const { !matches!(M::KIND, Kind::Event) } {
            return Begun::Done(Ok(()));
        }
        let event = Given::Borrowed(event);
        if self.layers.is_empty() && facts.as_deref().is_none_or(|facts| facts.deadline.is_none()) {
            room.begin(task, || async move {
                let cx = Context::lend(home, None, self.info, facts);
                Caught::new(self.info, self.handler.handle(event, cx.get())).await.map(drop)
            })
        } else {
            room.begin(task, || async move {
                let cx = Context::lend(home, None, self.info, facts);
                self.attempt(cx.get(), event).await.map(drop)
            })
        }
    }

    // Out of line, here and below: the shorter ways would set up what only this one needs.
    #[inline(never)]
    fn attempt<'a>(&'a self, cx: &'a Context, message: Given<'a, M>) -> Boxed<'a, Result<M::Response>> {
        Box::pin(async move {
            let (mut area, mut end) = (Area::<ROOM>::new(), Handling::new(self, message));
            let mut turn = Turn::new(&self.layers, &mut end, cx, area.room());
            match runtime::until(cx.deadline(), turn.run()).await {
                Some(outcome) => outcome.and_then(|Answered(())| end.answered(cx)),
                None => Err(too_late(self.info)),
            }
        })
    }
}

/// How many bytes are kept for the futures of a handler and its behaviors where the run itself is in a box.
const ROOM: usize = 512;

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
        let From { home, parent, facts } = from;
        let mut cx = Context::lend(home, parent, self.info, facts);
        let outcome = Caught::new(self.info, self.handler.handle(Given::Owned(message), cx.get())).await;
        match cx.get_mut().take_journal() {
            None => outcome,
            Some(journal) => commit_once(home, self.info, journal, outcome?).await,
        }
    }

    /// The same, with behaviors around the handler.
    #[inline(always)]
    fn run_layered<'a>(
        &'a self,
        from: From<'a>,
        message: M,
        room: Room<'a>,
    ) -> impl Future<Output = Result<M::Response>> + Send + 'a {
        // Made before the future, which so keeps it where it is: a local of the future would be moved there.
        let mut end = Handling::new(self, Given::Owned(message));
        async move {
            let From { home, parent, facts } = from;
            let mut cx = Context::lend(home, parent, self.info, facts);
            let outcome = Turn::new(&self.layers, &mut end, cx.get(), room).run().await;
            let response = outcome.and_then(|Answered(())| end.answered(cx.get()));
            match cx.get_mut().take_journal() {
                None => response,
                Some(journal) => commit_once(home, self.info, journal, response?).await,
            }
        }
    }

    /// The whole way: deadline, pipeline, and further runs where a document moved under the handler.
    #[inline(never)]
    fn run<'a>(&'a self, from: From<'a>, message: M) -> Boxed<'a, Result<M::Response>> {
        Box::pin(async move {
            let From { home, parent, facts } = from;
            let mut cx = Context::lend(home, parent, self.info, facts);
            let mut message = Some(message);
            for _ in 0..MAX_RUNS {
                let given = match &message {
                    Some(message) if self.runs_again => Given::Borrowed(message),
                    _ => Given::Owned(message.take().ok_or_else(|| moved(self.info))?),
                };
                let response = self.attempt(cx.get(), given).await?;
                let Some(journal) = cx.get_mut().take_journal() else { return Ok(response) };
                if commit(home, journal).await? == Committed::Done {
                    return Ok(response);
                }
            }
            Err(moved(self.info))
        })
    }
}

/// A handler at the end of its pipeline.
struct Handling<'a, M: Message, H> {
    bound: &'a Bound<M, H>,
    /// Until the handler takes it.
    message: Option<Given<'a, M>>,
    answer: Option<M::Response>,
}

impl<'a, M: Message, H> Handling<'a, M, H> {
    #[inline(always)]
    fn new(bound: &'a Bound<M, H>, message: Given<'a, M>) -> Self {
        Self { bound, message: Some(message), answer: None }
    }

    #[inline(always)]
    fn answered(&mut self, cx: &Context) -> Result<M::Response> {
        self.answer.take().ok_or_else(|| not_answered(cx))
    }
}

impl<M: Message, H: Handler<M, Response = M::Response>> End for Handling<'_, M, H> {
    fn begin<'a>(&'a mut self, cx: &'a Context, room: &mut Room<'a>, task: &mut Task<'_>) -> Run<'a, Answered> {
        room.seat().begin(task, || async move {
            // A pipeline comes to its end at most once, since running a `Next` consumes it.
            let message = self.message.take().ok_or_else(|| not_answered(cx))?;
            self.answer = Some(Caught::new(self.bound.info, self.bound.handler.handle(message, cx)).await?);
            Ok(Answered(()))
        })
    }

    fn message(&self) -> Option<&dyn Any> {
        self.message.as_ref().map(|message| message.as_ref() as _)
    }

    fn answer(&mut self) -> &mut dyn Any {
        &mut self.answer
    }

    fn response(&self) -> &'static str {
        type_name::<M::Response>()
    }
}

/// Commits a run that isn't followed by another, whose response this is. In a box: few calls come here, and all would carry it.
#[cold]
fn commit_once<'a, R: Send + 'a>(
    home: &'a Home,
    handler: &'static HandlerInfo,
    journal: Box<Journal>,
    response: R,
) -> Boxed<'a, Result<R>> {
    Box::pin(async move {
        match commit(home, journal).await? {
            Committed::Done => Ok(response),
            Committed::Moved => Err(moved(handler)),
        }
    })
}

fn commit(home: &Home, journal: Box<Journal>) -> Boxed<'_, Result<Committed>> {
    Box::pin(home.commit(journal))
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
