//! A node's ties to others, and what it does by them: `seal` puts messages into envelopes, `send` brings requests to their handlers, `asking`
//! waits for answers and sends again, `put_out` hands over what is stored, and commits.

mod asking;
mod put_out;
mod seal;
mod send;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::codec::BodyLimit;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::mediator::{Options, Routing};
use crate::persistence::Store;
use crate::retry::Retries;
use crate::transport::{Link, Member};

use super::open_calls::OpenCalls;

/// A node's ties to others, and what it does by them.
pub(crate) struct Links {
    pub(crate) member: Member,
    pub(crate) link: Arc<dyn Link>,
    pub(crate) store: Option<Arc<dyn Store>>,
    pub(crate) routing: Routing,
    /// How long an answer may take where the call doesn't say.
    pub(crate) deadline: Duration,
    /// How long an idempotency key is remembered after its command was done.
    pub(crate) keep_keys_for: Duration,
    pub(crate) body_limit: BodyLimit,
    /// What happens after a handler has failed.
    pub(crate) retries: Retries,
    /// What callers here wait for.
    pub(crate) calls: OpenCalls,
    /// Ends handlers when the grace period is over.
    pub(crate) cancellation: CancellationToken,
}

impl Links {
    pub(crate) fn node_name(&self) -> &str {
        self.member.node()
    }

    pub(crate) fn service(&self) -> &str {
        self.member.service()
    }

    pub(crate) fn cancellation(&self) -> &CancellationToken {
        &self.cancellation
    }

    pub(crate) fn store(&self) -> Option<&Arc<dyn Store>> {
        self.store.as_ref()
    }

    /// Whether a request for which this node has a handler is handled here.
    #[inline]
    pub(crate) fn keeps(&self, options: &Options) -> bool {
        options.asked_routing().unwrap_or(self.routing) == Routing::LocalFirst
    }

    /// Refuses a call that no handler made, if the node shuts down.
    #[inline]
    pub(crate) fn check_open(&self, parent: Option<&Context>) -> Result<()> {
        if parent.is_none() && self.calls.is_stopping() { Err(self.was_shut_down()) } else { Ok(()) }
    }

    #[cold]
    fn was_shut_down(&self) -> Error {
        Error::unavailable(format!("the node `{}` was shut down", self.node_name()))
    }
}
