use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use crate::handler::HandlerInfo;
use crate::message::Message;

use super::{Failure, Retry};

/// What happens next to a message for the handler that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The handler runs again at once, on this node. More than 100 attempts in a row aren't made so: later ones follow a second apart.
    Now,
    /// It runs again after this time, here or on another node.
    Later(Duration),
    /// It is given up for this handler, and kept as a dead letter. For a request that was sent, the error is the answer.
    Dead,
    /// It is done for this handler, and nothing is kept of it but a line in the log. [`Retry`] never says so. For a request that was sent, the
    /// error is the answer.
    Drop,
}

/// Decides what happens after a failure: [`Retry`], or a function from a [`Failure`] to a [`Next`].
///
/// It should be pure, so that it can be tested alone: the same failure, the same answer. It must end by itself, since nothing else bounds how
/// often a message is retried but the time that the transport keeps it. If it panics, that is logged and [`Retry::DEFAULT`] decides.
///
/// A closure names the type of what it takes: `|failure: &Failure<'_>| …`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't decide what happens after a failure",
    label = "no policy for retries",
    note = "give a `Retry`, or a function `fn(&Failure<'_>) -> Next`"
)]
pub trait Policy: Send + Sync + 'static {
    /// What happens after this failure.
    fn next(&self, failure: &Failure<'_>) -> Next;
}

impl Policy for Retry {
    fn next(&self, failure: &Failure<'_>) -> Next {
        Retry::next(self, failure)
    }
}

#[diagnostic::do_not_recommend]
impl<F: Fn(&Failure<'_>) -> Next + Send + Sync + 'static> Policy for F {
    fn next(&self, failure: &Failure<'_>) -> Next {
        self(failure)
    }
}

impl fmt::Debug for dyn Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Policy")
    }
}

/// The policies of a node.
#[derive(Default)]
pub(crate) struct Retries {
    node: Option<Arc<dyn Policy>>,
    /// By wire name.
    messages: BTreeMap<&'static str, Arc<dyn Policy>>,
}

/// How many attempts may follow each other at once, and how far apart they are from then on.
const MOST_AT_ONCE: u32 = 100;
const APART: Duration = Duration::from_secs(1);

impl Retries {
    /// Takes a policy for all handlers that have none of their own, in place of one given before.
    pub(crate) fn set(&mut self, policy: impl Policy) {
        self.node = Some(Arc::new(policy));
    }

    /// The same for the handlers of one message.
    pub(crate) fn set_for<M: Message>(&mut self, policy: impl Policy) {
        self.messages.insert(M::NAME, Arc::new(policy));
    }

    /// The handler's own policy, else its message's, else the node's, else the default.
    pub(crate) fn policy_for<'a>(&'a self, handler: &'a HandlerInfo) -> &'a dyn Policy {
        let of_message = || self.messages.get(handler.message()).map(|policy| &**policy);
        handler.retry.or_else(of_message).or(self.node.as_deref()).unwrap_or(&Retry::DEFAULT)
    }

    /// What happens after this failure.
    pub(crate) fn next(&self, failure: &Failure<'_>) -> Next {
        let policy = self.policy_for(failure.handler);
        // A policy is shared with nobody else, so what a panic leaves half done in it is its own affair.
        let decided = catch_unwind(AssertUnwindSafe(|| policy.next(failure))).unwrap_or_else(|_| {
            tracing::error!(handler = %failure.handler, "its policy for retries panicked: the default one decides");
            Retry::DEFAULT.next(failure)
        });
        match decided {
            Next::Now if failure.attempt >= MOST_AT_ONCE => Next::Later(APART),
            decided => decided,
        }
    }
}
