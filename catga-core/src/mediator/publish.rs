use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use pin_project_lite::pin_project;
use smallvec::SmallVec;

use crate::error::{Code, Error, Result};
use crate::handler::HandlerInfo;
use crate::message::Event;

use super::Call;
use super::place::{Begun, Place, Room};

/// Says of a [`Call`] that it runs an event's handlers in this process and waits for them.
#[derive(Debug)]
pub enum PublishingHere {}

/// How many bytes of a publish's future are kept for those of its handlers that aren't ready at once. What doesn't fit is boxed.
const ROOM: usize = 2048;

pin_project! {
    /// An event on its way to the handlers of this process: resolves when all of them are done.
    ///
    /// Dropping it before that cancels those that still run.
    #[must_use = "futures do nothing unless awaited"]
    pub struct PublishFuture<'a, E: Event> {
        call: Option<Call<'a, E, PublishingHere>>,
        #[pin]
        run: Place<'a, Result<(), Failures>, ROOM>,
    }
}

impl<'a, E: Event> IntoFuture for Call<'a, E, PublishingHere> {
    type Output = Result<(), Failures>;
    type IntoFuture = PublishFuture<'a, E>;

    #[inline(always)]
    fn into_future(self) -> PublishFuture<'a, E> {
        PublishFuture { call: Some(self), run: Place::empty() }
    }
}

impl<E: Event> Future for PublishFuture<'_, E> {
    type Output = Result<(), Failures>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        match this.call.take() {
            Some(call) => this.run.as_mut().begin(task, |room| publish(call, room)),
            None => this.run.poll(task),
        }
    }
}

/// How many handlers run without a list on the heap.
const FEW: usize = 4;

/// Runs all handlers of an event side by side, until each is done.
async fn publish<E: Event>(call: Call<'_, E, PublishingHere>, mut room: Room<'_>) -> Result<(), Failures> {
    let Call { home, message, options, .. } = call;
    let facts = options.into_facts().map_err(Failures::refused)?;
    let routes = home.table.routes::<E>();
    let mut failures = Vec::new();
    let mut note = |handler, outcome: Result<()>| {
        if let Err(error) = outcome {
            failures.push(Failure { handler: Some(handler), error });
        }
    };
    let mut running: SmallVec<[_; FEW]> = SmallVec::new();
    poll_fn(|task| {
        for route in routes {
            match route.notify(home, &message, facts.clone(), &mut room, task) {
                Begun::Done(outcome) => note(route.info(), outcome),
                Begun::Running(run) => running.push((route.info(), run)),
            }
        }
        Poll::Ready(())
    })
    .await;
    poll_fn(|task| {
        running.retain(|(handler, run)| match Pin::new(run).poll(task) {
            Poll::Pending => true,
            Poll::Ready(outcome) => {
                note(handler, outcome);
                false
            }
        });
        if running.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    if failures.is_empty() { Ok(()) } else { Err(Failures(failures)) }
}

/// What went wrong when an event was published in this process: one entry for each handler that failed or panicked.
#[derive(Debug)]
pub struct Failures(Vec<Failure>);

/// One handler's failure.
#[derive(Debug)]
#[non_exhaustive]
pub struct Failure {
    /// The handler; `None` if the event was refused before any ran.
    pub handler: Option<&'static HandlerInfo>,
    /// What it returned, or its panic.
    pub error: Error,
}

impl Failures {
    fn refused(error: Error) -> Self {
        Self(vec![Failure { handler: None, error }])
    }

    /// All of them, in the order in which they happened; at least one.
    pub fn all(&self) -> &[Failure] {
        &self.0
    }
}

impl fmt::Display for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (count, Failure { handler, error }) in self.0.iter().enumerate() {
            let end = if count == 0 { "" } else { "; " };
            match handler {
                Some(handler) => write!(f, "{end}{handler} failed: {error}")?,
                None => write!(f, "{end}{error}")?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for Failures {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.first().map(|failure| &failure.error as _)
    }
}

impl From<Failures> for Error {
    /// The first failure's code; a retry can help if it can for one of them.
    fn from(failures: Failures) -> Self {
        let code = failures.0.first().map_or(Code::Internal, |failure| failure.error.code());
        let can_retry = failures.0.iter().any(|failure| failure.error.can_retry());
        Error::wrap(code, failures).retryable(can_retry)
    }
}
