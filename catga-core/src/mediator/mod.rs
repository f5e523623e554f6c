//! The mediator: finds a message's handler and runs the pipeline around it, in this process.
//!
//! A message type has an index for the process and each mediator its own table, so finding a handler is an index, not a search. The
//! handler's future lives in the caller's (`place`), so a send allocates nothing of its own.

mod alone;
mod bound;
mod builder;
mod call;
mod caught;
mod home;
mod place;
mod publish;
mod send;
mod table;
#[cfg(test)]
mod tests;

pub use alone::{Alone, Mediator, MediatorBuilder};
pub use builder::Builder;
pub use call::{Call, Enqueuing, Options, Publishing, Routing, Sending};
pub use publish::{Failure, Failures, PublishFuture, PublishingHere};
pub use send::SendFuture;
pub use table::TableBuilder;

pub(crate) use bound::{Bound, Route, Run};
pub(crate) use builder::Dispatch;
pub(crate) use caught::Caught;
pub(crate) use home::{Committed, Home};
pub(crate) use place::{Borrowed, Lent, Room, beginning};
pub(crate) use table::Table;
