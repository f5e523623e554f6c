//! Handlers: the code that a message reaches, how it says what it asks for, and how it is found at compile time.
//!
//! `#[handler]` turns a function, or an implementation of [`RequestHandler`] or [`EventHandler`], into a [`Registration`] and puts it
//! into [`HANDLERS`], a slice that the linker gathers from all crates of the application. A node or a mediator that starts takes what is
//! there, or the registrations that it was given by name.

mod arguments;
mod given;
mod macros;
mod outcome;
mod provided;
mod registration;
mod run;

pub use macros::{FromNode, handler, handlers};
pub use provided::{FromNode, Provided, Resolver};
pub use registration::{HANDLERS, HandlerInfo, Location, Registration, Subscription};

// What only the macros write; `__private` names it.
#[doc(hidden)]
pub use arguments::{Argument, Held, OrProvided, Shared};
#[doc(hidden)]
pub use given::{Given, OrOnce, Own};
#[doc(hidden)]
pub use outcome::{Failure, Outcome, Several, Subscribable, only_for_events, only_several};
#[doc(hidden)]
pub use registration::{Handler, Registered};
#[doc(hidden)]
pub use run::Run;

pub(crate) use provided::Uses;

use std::future::Future;

use crate::context::Context;
use crate::error::Result;
use crate::message::{Event, Request};

/// A type that handles a request, for those who like a type better than a function.
///
/// Put [`#[handler]`](macro@handler) on the implementation, and [`#[derive(FromNode)]`](macro@FromNode) on the type: its fields are what it asks
/// for.
pub trait RequestHandler<R: Request>: FromNode {
    /// Handles one request.
    ///
    /// # Errors
    ///
    /// Whatever the handler finds; the caller gets it.
    fn handle(&self, request: R, cx: &Context) -> impl Future<Output = Result<R::Response>> + Send;
}

/// A type that handles an event; see [`RequestHandler`].
pub trait EventHandler<E: Event>: FromNode {
    /// Handles one event.
    ///
    /// # Errors
    ///
    /// Whatever the handler finds; whether the event comes again is decided by [`Error::can_retry`](crate::Error::can_retry).
    fn handle(&self, event: E, cx: &Context) -> impl Future<Output = Result<()>> + Send;
}
