use std::future::Future;
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use pin_project_lite::pin_project;

use crate::context::Context;
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
    let home = call.home;
    match (home.table.request::<R>(), home.links()) {
        (Some(route), links) if links.is_none_or(|links| links.keeps(&call.options)) => {
            match (links, call.parent) {
                (Some(links), None) => links.check_open(None)?,
                // Its sender's call is open for as long as it runs.
                (_, Some(parent)) if parent.depth() >= MAX_DEPTH => return Poll::Ready(Err(too_deep::<R>())),
                (_, Some(_)) | (None, None) => (),
            }
            let is_outermost = call.parent.is_none();
            let outcome = if can_come_again(&call) {
                begin_marked(call, route, links, place, task)
            } else {
                let Call { parent, message, options, .. } = call;
                route.begin(home, parent, options.into_facts()?, message, place, task)
            };
            // Most are done by now: counting those as well would cost them as much again.
            if outcome.is_pending() && is_outermost {
                *open = links.map(|links| links.calls.open());
            }
            outcome
        }
        (_, Some(links)) => place.begin(task, |_| links.send(call)),
        (_, None) => Poll::Ready(Err(no_handler::<R>())),
    }
}

/// Whether the same command may be sent again: by whoever has its key, or by its sender's next run. Then its mark is begun.
#[inline(always)]
fn can_come_again<R: Request>(call: &Call<'_, R, Sending>) -> bool {
    let is_command = const { matches!(R::KIND, Kind::Command) };
    is_command && (call.options.has_key() || call.parent.is_some_and(Context::is_begun))
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
