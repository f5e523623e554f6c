//! The node: one running instance of a service, which joins a mediator to a transport and a persistence.
//!
//! [`Catga::builder`] says what a node shall be, `start` checks it and makes it a member of its cluster, [`Node::shutdown`] lets it finish
//! and leave. A node that has started is right: what can be checked was checked before it took its first message.

mod builder;
mod calls;
mod checks;
mod dead_letters;
mod health;
mod links;
mod membership;
mod open_calls;
mod opening;
mod pauses;
mod start;

pub use builder::{Catga, NodeBuilder, NodeSettings};
pub use calls::Handed;
pub use dead_letters::DeadLetters;
pub use health::Health;

pub(crate) use links::Links;
pub(crate) use open_calls::OpenCall;

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::handler::HandlerInfo;
use crate::mediator::{Call, Enqueuing, Home, Publishing, Sending};
use crate::message::{Event, Request};
use crate::persistence::Store;

use membership::Membership;

/// A running node.
///
/// Cheap to clone; clones are the same node. When the last one is dropped without [`shutdown`](Self::shutdown), the node ends as if it had
/// died: what it handled is handled again elsewhere.
#[derive(Clone)]
pub struct Node {
    membership: Arc<Membership>,
}

impl Node {
    /// Sends a request to its handler, on this node or another one of the service that owns it; awaited, gives the response.
    ///
    /// If the other node dies or falls silent, the request is sent to another one, within the deadline: a query always, a command where its service
    /// has a persistence, by which its effect is once.
    ///
    /// Dropping the future cancels a handler that runs on this node and hasn't begun to commit; on another node it runs to its deadline.
    ///
    /// # Errors
    ///
    /// The handler's error; `NoHandler` if nobody has one; `Unavailable` if no node of the service is there, or this one shuts down. At the deadline
    /// (10 s, or as the call says; on this node only if the call says one) `Timeout`, if it had no effect for sure or is a query, else
    /// `OutcomeUnknown`.
    #[inline(always)]
    pub fn send<R: Request>(&self, request: R) -> Call<'_, R, Sending> {
        Call::new(self.home(), None, request)
    }

    /// Publishes an event to every subscription; awaited, it is accepted by the transport.
    ///
    /// Who tries again after a failure gives the same [`id`](Call::id), so that it is the same event.
    ///
    /// # Errors
    ///
    /// It can't be encoded or is too large, the transport doesn't take it, or the node shuts down.
    pub fn publish<E: Event>(&self, event: E) -> Call<'_, E, Publishing> {
        Call::new(self.home(), None, event)
    }

    /// Hands a command over, to be handled by one node of the owning service, later; awaited, it is stored by the transport.
    ///
    /// # Errors
    ///
    /// As for [`publish`](Self::publish); also if it is a query, or no service has a handler for it.
    pub fn enqueue<R: Request>(&self, command: R) -> Call<'_, R, Enqueuing> {
        Call::new(self.home(), None, command)
    }

    /// Its name, unique among the living of its cluster.
    pub fn name(&self) -> &str {
        self.home().node_name()
    }

    /// The service that it belongs to.
    pub fn service(&self) -> &str {
        self.home().service()
    }

    /// The handlers that it has.
    pub fn handlers(&self) -> &[&'static HandlerInfo] {
        self.home().table.handlers()
    }

    /// Whether it can do its work now, and if not, why.
    pub async fn health(&self) -> Health {
        self.membership.health().await
    }

    /// How many events it has aside: a handler that each node has for itself failed, and tries them again later. The transport holds them no
    /// longer, so nobody else knows of them.
    ///
    /// At most 1,000 for each such handler; what fails beyond that is held by the transport until its handler is through.
    pub fn aside(&self) -> usize {
        self.membership.aside.count()
    }

    /// What the handlers of its service have given up, to be read, replayed and discarded.
    pub fn dead_letters(&self) -> DeadLetters<'_> {
        DeadLetters::of(self)
    }

    /// Goes on without the events that the history dropped before this node got them. Until somebody decides so, the node isn't
    /// [ready](Health::is_ready).
    pub fn accept_gaps(&self) {
        self.membership.accept_gaps();
    }

    /// Takes nothing new, gives back what waits, finishes what runs, lets out what was committed, and leaves the cluster.
    ///
    /// From now on this node's own calls are refused with `Unavailable`, those that wait for other nodes are waited for, and handlers that still
    /// run may send by their context. Those that are not done within the grace period (30 s, see [`NodeBuilder::grace`]) are cancelled; what they
    /// handled is handled again elsewhere.
    /// One that runs for a [`send`](Self::send) on this node is part of its caller's future: it is told by
    /// [`Context::cancelled`](crate::context::Context::cancelled) and has 5 s more, after which the node leaves without it. One that hasn't waited
    /// for anything yet when the shutdown begins may be missed: what it commits is stored, and leaves by another node's relay.
    ///
    /// To shut down twice is harmless. Dropping the future leaves the rest to the next call.
    ///
    /// # Errors
    ///
    /// `Unavailable` if the transport couldn't be told; it will notice.
    pub async fn shutdown(&self) -> Result<()> {
        self.membership.end().await
    }

    fn home(&self) -> &Home {
        self.membership.home()
    }

    /// The store, for what can't be done without one.
    fn store(&self, what: &str) -> Result<&dyn Store> {
        let store = self.home().links().and_then(Links::store);
        let none = || {
            Error::validation(format!("a node without a persistence can't {what}: give it one, with `.persistence(…)`"))
        };
        store.map(|store| &**store).ok_or_else(none)
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("name", &self.name()).field("service", &self.service()).finish_non_exhaustive()
    }
}
