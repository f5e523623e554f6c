use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use pin_project_lite::pin_project;

use crate::error::{Error, Result};
use crate::handler::HandlerInfo;

pin_project! {
    /// A run of a handler, or of the behaviors around it, whose panic is an error: the node lives on.
    pub(crate) struct Caught<F> {
        #[pin]
        run: F,
        handler: &'static HandlerInfo,
        what: Runs,
    }
}

/// What a panic may come of.
#[derive(Clone, Copy)]
enum Runs {
    Handler,
    Behaviors,
}

impl<F> Caught<F> {
    #[inline(always)]
    pub(crate) fn new(handler: &'static HandlerInfo, run: F) -> Self {
        Self { run, handler, what: Runs::Handler }
    }

    /// The same for behaviors around a handler whose own panic is caught further in.
    #[inline(always)]
    pub(crate) fn around(handler: &'static HandlerInfo, run: F) -> Self {
        Self { run, handler, what: Runs::Behaviors }
    }
}

impl<T, F: Future<Output = Result<T>>> Future for Caught<F> {
    type Output = Result<T>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<T>> {
        let this = self.project();
        // The future isn't polled again after a panic, and what it shares with others (provided values) is theirs to keep right.
        match catch_unwind(AssertUnwindSafe(|| this.run.poll(task))) {
            Ok(poll) => poll,
            Err(panic) => Poll::Ready(Err(panicked(*this.what, this.handler, &*panic))),
        }
    }
}

#[cold]
fn panicked(what: Runs, handler: &HandlerInfo, panic: &(dyn Any + Send)) -> Error {
    let said = match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text.as_str(),
        _ => "no message",
    };
    let whose = match what {
        Runs::Handler => "",
        Runs::Behaviors => "a behavior around ",
    };
    Error::internal(format!("{whose}{handler} panicked: {said}")).retryable(true)
}
