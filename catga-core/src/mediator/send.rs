use std::future::Future;
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use pin_project_lite::pin_project;

use crate::delivery::no_store_for_key;
use crate::error::{Code, Error, Result};
use crate::message::{Kind, Request};
use crate::node::{Links, OpenCall};

use super::bound::{Boxed, Route};
use super::place::Place;
use super::{Call, Sending};

/// How many bytes of a send's future are kept for the handler's future and those of the behaviors around it. What is larger is boxed.
pub(crate) const ROOM: usize = 2048;

/// How many sends may run within each other, each by the handler of the one before. All of them share one stack.
const MAX_DEPTH: usize = 32;

pin_project! {
    /// A request on its way: resolves to its response.
    ///
    /// Dropping it before it is ready cancels a handler that runs in this process and hasn't begun to commit; a handler on another node
    /// runs to its deadline.
    #[must_use = "futures do nothing unless awaited"]
    pub struct SendFuture<'a, R: Request> {
        // Until the first poll. Only then does the handler's future have the address that it needs.
        call: Option<Call<'a, R, Sending>>,
        #[pin]
        run: Place<'a, Result<R::Response>, ROOM>,
        // Behind the run, so that it is dropped later.
        open: Option<OpenCall<'a>>,
    }
}

impl<'a, R: Request> IntoFuture for Call<'a, R, Sending> {
    type Output = Result<R::Response>;
    type IntoFuture = SendFuture<'a, R>;

    #[inline(always)]
    fn into_future(self) -> SendFuture<'a, R> {
        SendFuture { call: Some(self), run: Place::empty(), open: None }
    }
}

impl<R: Request> Future for SendFuture<'_, R> {
    type Output = Result<R::Response>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let outcome = match this.call.take() {
            Some(call) => begin(call, this.run.as_mut(), this.open, task),
            None => this.run.poll(task),
        };
        if outcome.is_ready() {
            *this.open = None;
        }
        outcome
    }
}

/// Puts what the call needs into `place` and polls it: the handler here, or the way to another node.
#[inline(always)]
fn begin<'a, R: Request>(
    call: Call<'a, R, Sending>,
    place: Pin<&mut Place<'a, Result<R::Response>, ROOM>>,
    open: &mut Option<OpenCall<'a>>,
    task: &mut Task<'_>,
) -> Poll<Result<R::Response>> {
    let (home, is_outermost) = (call.home, call.parent.is_none());
    if const { matches!(R::KIND, Kind::Command) }
        && let (Some(parent), Some(_)) = (call.parent, home.links())
    {
        parent.may_write("send commands")?;
    }
    let (links, outcome) = match (home.table.request::<R>(), home.links()) {
        (Some(route), links) if links.is_none_or(|links| links.keeps(&call.options)) => {
            let sender_runs_again = match (links, call.parent) {
                (Some(links), None) => {
                    links.check_open(None)?;
                    false
                }
                (_, Some(parent)) if parent.depth() >= MAX_DEPTH => return Poll::Ready(Err(too_deep::<R>())),
                (_, Some(parent)) => parent.is_begun(),
                (None, None) => false,
            };
            // The same command may be sent again, by its sender's next run or by whoever has its key: then its mark is begun.
            let outcome = if const { matches!(R::KIND, Kind::Command) } && (sender_runs_again || call.options.has_key())
            {
                begin_marked(call, route, links, place, task)
            } else {
                let Call { parent, message, options, .. } = call;
                route.begin(home, parent, options.into_facts()?, message, place, task)
            };
            (links, outcome)
        }
        (_, Some(links)) => (Some(links), place.begin(task, |_| links.send(call))),
        (_, None) => return Poll::Ready(Err(no_handler::<R>())),
    };
    // Most are done by now: counting those as well would cost them as much again. One of a handler is open for as long as its sender's.
    if outcome.is_pending() && is_outermost {
        *open = links.map(|links| links.calls.open());
    }
    outcome
}

/// The way of a command that can come again.
#[cold]
fn begin_marked<'a, R: Request>(
    call: Call<'a, R, Sending>,
    route: &'a dyn Route<R>,
    links: Option<&'a Links>,
    place: Pin<&mut Place<'a, Result<R::Response>, ROOM>>,
    task: &mut Task<'_>,
) -> Poll<Result<R::Response>> {
    match links {
        Some(links) => {
            let sent: Boxed<'a, _> = Box::pin(links.send_here(call, route.endpoint()));
            place.begin(task, |_| sent)
        }
        None => Poll::Ready(call.options.into_facts().and_then(|_| Err(no_store_for_key(R::NAME)))),
    }
}

#[cold]
fn no_handler<R: Request>() -> Error {
    let name = R::NAME;
    Error::new(
        Code::NoHandler,
        format!("nobody handles `{name}`: write a `#[handler]` for it, or start a node that finds one"),
    )
}

#[cold]
fn too_deep<R: Request>() -> Error {
    let name = R::NAME;
    Error::internal(format!(
        "`{name}` was sent by a handler that is as deep as sends go: {MAX_DEPTH}, or 8 that are remembered; is there a circle?"
    ))
    .retryable(false)
}
