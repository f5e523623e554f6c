//! Retries: what happens after a handler has failed for a message that came to its node: again now, later, dead, or dropped.
//!
//! A [`Policy`] decides, from a [`Failure`] alone. There is no clock and no chance in it, so a test asks it and compares the answer.
//! [`Retry`] is the one that is built in, a plain value; any function from a failure to a [`Next`] is one, too.
//!
//! A handler goes by its own policy, else by its message's ([`NodeBuilder::retry_for`]), else by its node's ([`NodeBuilder::retry`]), else
//! by [`Retry::DEFAULT`].
//!
//! ```
//! use catga_core::retry::{Failure, Next, Retry};
//! use catga_core::{Catga, Code};
//!
//! /// Nobody misses a price that couldn't be had for too many asked.
//! fn patient(failure: &Failure<'_>) -> Next {
//!     match failure.error.code() {
//!         Code::RateLimited => Next::Drop,
//!         _ => Retry::DEFAULT.attempts(20).next(failure),
//!     }
//! }
//!
//! let builder = Catga::builder("prices").retry(patient);
//! # drop(builder);
//! ```
//!
//! This is about what came by the transport. A `send` to a handler on the same node runs it once: its caller has the error at once, and knows
//! best. Each attempt decodes the message anew, so a message needn't be `Clone` to be retried.
//!
//! [`NodeBuilder::retry`]: crate::node::NodeBuilder::retry
//! [`NodeBuilder::retry_for`]: crate::node::NodeBuilder::retry_for

mod failure;
mod plan;
mod policy;
#[cfg(test)]
mod tests;

pub use failure::{Came, Failure};
pub use plan::Retry;
pub use policy::{Next, Policy};

pub(crate) use policy::Retries;
