//! Messages: requests, which have one handler and a response, and events, which have any number of handlers.
//!
//! The traits are implemented by `derive(Request)` and `derive(Event)`; nobody implements them by hand.

mod id;
mod index;

/// Makes a type a request: a message with exactly one handler and a response.
///
/// | option of `#[request(…)]` | means |
/// | --- | --- |
/// | `response = T` | what it is answered with; needed, `()` for nothing |
/// | `query` | it only reads, so it may be repeated freely; without it the request is a command |
/// | `name = "…"` | the name under which it travels, in place of the type's own: of `A-Z`, `a-z`, `0-9`, `_`, `-`, at most 100 |
///
/// It writes the type's [`Schema`] as well, so `#[schema(…)]` may stand on it. The type needs serde's `Serialize` and `Deserialize`, and `Clone`
/// where its handler takes it by value and may run again.
///
/// ```
/// use catga_core::{Kind, Message, Request};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Request, Serialize, Deserialize)]
/// #[request(response = Option<String>, query, name = "find-order")]
/// struct FindOrder { id: u64 }
///
/// assert_eq!((FindOrder::NAME, FindOrder::KIND), ("find-order", Kind::Query));
/// ```
pub use catga_macros::Request;

/// Makes a type an event: a fact, with any number of handlers.
///
/// | option of `#[event(…)]` | means |
/// | --- | --- |
/// | `name = "…"` | the name under which it travels, in place of the type's own: of `A-Z`, `a-z`, `0-9`, `_`, `-`, at most 100 |
///
/// It writes the type's [`Schema`] as well, so `#[schema(…)]` may stand on it. The type needs serde's `Serialize` and `Deserialize`, and
/// `Clone`, since each handler that takes it by value gets one of its own.
///
/// ```
/// use catga_core::{Event, Kind, Message};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Event, Clone, Serialize, Deserialize)]
/// struct OrderPlaced { id: u64 }
///
/// assert_eq!((OrderPlaced::NAME, OrderPlaced::KIND), ("OrderPlaced", Kind::Event));
/// ```
pub use catga_macros::Event;
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
