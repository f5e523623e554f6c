//! Messages: requests, which have one handler and a response, and events, which have any number of handlers.
//!
//! The traits are implemented by `derive(Request)` and `derive(Event)`; nobody implements them by hand.

mod id;
mod index;

pub use id::MessageId;
pub use index::MessageIndex;

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};

use crate::schema::Schema;

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A request that changes state.
    Command,
    /// A request that only reads; it may be repeated freely.
    Query,
    /// A fact, with any number of handlers.
    Event,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Command => "command",
            Self::Query => "query",
            Self::Event => "event",
        })
    }
}

/// What travels: a request or an event.
///
/// Implemented by `#[derive(Request)]` and `#[derive(Event)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a message",
    label = "not a message",
    note = "write `#[derive(Request)]` with `#[request(response = …)]`, or `#[derive(Event)]`, on `{Self}`"
)]
pub trait Message: Schema + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What its handler answers; `()` for an event.
    type Response: Schema + Serialize + DeserializeOwned + Send + Sync + 'static;

    /// The name under which it travels: the type's own, or the `name` given to the derive.
    const NAME: &'static str;

    /// What it is for.
    const KIND: Kind;

    /// This type's place in each node's tables.
    #[doc(hidden)]
    fn index() -> &'static MessageIndex;
}

/// A message with exactly one handler and a response.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a request",
    label = "not a request",
    note = "write `#[derive(Request)]` and `#[request(response = …)]` on `{Self}`"
)]
pub trait Request: Message {}

/// A fact, with any number of handlers.
///
/// It is `Clone`, since each handler that takes it by value gets one of its own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    label = "not an event",
    note = "write `#[derive(Event)]` on `{Self}`"
)]
pub trait Event: Message<Response = ()> + Clone {}
