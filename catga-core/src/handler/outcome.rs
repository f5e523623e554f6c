use crate::error::{Error, Result};
use crate::message::{Event, Request};

/// What a handler function may return for a message whose response is `R`.
#[diagnostic::on_unimplemented(
    message = "this handler returns `{Self}`, but its message is answered with `Result<{R}>`",
    label = "expected `Result<{R}>`",
    note = "a request is answered with the response that `#[request(response = …)]` names, an event with `Result<()>`"
)]
pub trait Outcome<R> {
    /// With the error as ours.
    #[expect(clippy::missing_errors_doc, reason = "the handler's own")]
    fn into_result(self) -> Result<R>;
}

impl<R, E: Failure> Outcome<R> for Result<R, E> {
    #[inline(always)]
    fn into_result(self) -> Result<R> {
        self.map_err(Failure::into_error)
    }
}

/// An error that a handler may return. A trait of our own for `Into<Error>`, so that rustc says what to do instead of listing every `From`.
#[diagnostic::on_unimplemented(
    message = "a handler can't return `{Self}` as its error",
    label = "doesn't become a `catga::Error`",
    note = "yours: write `#[derive(CatgaError)]` on it",
    note = "another crate's: return `catga::Result`, and write `.or_internal()?` where it arises"
)]
pub trait Failure {
    /// As ours.
    fn into_error(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Error>> Failure for E {
    #[inline(always)]
    fn into_error(self) -> Error {
        self.into()
    }
}

/// A message for which a handler may say which deliveries reach it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is a request, which reaches its handler once anyway",
    label = "only an event's handler says this",
    note = "remove this option"
)]
pub trait Subscribable {}

#[diagnostic::do_not_recommend]
impl<E: Event> Subscribable for E {}

/// Refuses what is said of a request.
pub const fn only_for_events<M: Subscribable>() {}

/// A message whose handler may take several at a time wherever it runs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is an event, and its handlers on every node take one event at a time, in their order",
    label = "only the handler of a request, or one with `once_per`, takes several at a time",
    note = "write `once_per = \"service\"` beside it, or remove this option"
)]
pub trait Several {}

#[diagnostic::do_not_recommend]
impl<R: Request> Several for R {}

/// Refuses what is said of an event that comes to every node.
pub const fn only_several<M: Several>() {}
