use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use crate::codec::BodyLimit;
use crate::error::Result;
use crate::mediator::{Builder, Routing};
use crate::message::Message;
use crate::persistence::Persistence;
use crate::retry::{Policy, Retries};
use crate::transport::Transport;

use super::{Node, start};

/// Where a node begins.
#[derive(Debug)]
pub enum Catga {}

impl Catga {
    /// Says what a node of this service shall be; the service's name is 1 to 64 ASCII letters, digits, `-` or `_`.
    ///
    /// Without more it is a node of its own, with an in-memory transport and an in-memory persistence.
    pub fn builder(service: impl Into<String>) -> NodeBuilder {
        Builder::new(NodeSettings {
            service: service.into(),
            cluster: "default".to_owned(),
            node_name: None,
            roles: Vec::new(),
            routing: Routing::default(),
            transport: None,
            persistence: None,
            concurrency: const { NonZeroUsize::new(256).unwrap() },
            deadline: Duration::from_secs(10),
            keep_keys_for: Duration::from_secs(24 * 60 * 60),
            grace: Duration::from_secs(30),
            body_limit: BodyLimit::default(),
            retries: Retries::default(),
        })
    }
}

/// Says what a [`Node`] shall be.
pub type NodeBuilder = Builder<NodeSettings>;

/// What only a node's builder holds.
pub struct NodeSettings {
    pub(super) service: String,
    pub(super) cluster: String,
    pub(super) node_name: Option<String>,
    pub(super) roles: Vec<String>,
    pub(super) routing: Routing,
    pub(super) transport: Option<Arc<dyn Transport>>,
    pub(super) persistence: Option<Arc<dyn Persistence>>,
    pub(super) concurrency: NonZeroUsize,
    pub(super) deadline: Duration,
    pub(super) keep_keys_for: Duration,
    pub(super) grace: Duration,
    pub(super) body_limit: BodyLimit,
    pub(super) retries: Retries,
}

impl NodeBuilder {
    /// The cluster's name, which isolates one environment from others; `default` if none is given.
    pub fn cluster(mut self, name: impl Into<String>) -> Self {
        self.settings.cluster = name.into();
        self
    }

    /// The node's name, unique among the living of its cluster; the service's name with a random end if none is given.
    pub fn node_name(mut self, name: impl Into<String>) -> Self {
        self.settings.node_name = Some(name.into());
        self
    }

    /// The node's roles, each 1 to 100 ASCII letters, digits, `-` or `_`. It takes the handlers that ask for no role and those that ask for one of these.
    pub fn roles(mut self, roles: impl IntoIterator<Item: Into<String>>) -> Self {
        self.settings.roles.extend(roles.into_iter().map(Into::into));
        self
    }

    /// Which node handles a request that several could, where the call doesn't say.
    pub fn routing(mut self, routing: Routing) -> Self {
        self.settings.routing = routing;
        self
    }

    /// What carries envelopes to other nodes. A clone of one [`InMemory`](crate::transport::InMemory) joins the nodes of one process.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.settings.transport = Some(Arc::new(transport));
        self
    }

    /// The store behind documents, inbox and outbox.
    ///
    /// A node with a transport and without a persistence has no `Documents`; events leave after their handler has succeeded, and what
    /// happens once with a persistence happens at least once without.
    pub fn persistence(mut self, persistence: impl Persistence) -> Self {
        self.settings.persistence = Some(Arc::new(persistence));
        self
    }

    /// How many handlers the node runs at a time for what comes by the transport; 256 if this isn't said.
    ///
    /// These places are shared. Each handler has one more of its own, so that others which take long can't keep it from running.
    ///
    /// Events that every node gets are handled one at a time, in their order, whatever is said here.
    pub fn concurrency(mut self, messages: NonZeroUsize) -> Self {
        self.settings.concurrency = messages;
        self
    }

    /// How long an answer from another node may take where the call doesn't say, more than nothing; 10 s if this isn't said.
    pub fn deadline(mut self, within: Duration) -> Self {
        self.settings.deadline = within;
        self
    }

    /// How long an idempotency key is remembered after its command was done, from 1 s to 366 days; 24 h if this isn't said.
    ///
    /// The answer is kept as long: whoever sends the command under the same key gets it, and nothing runs again.
    pub fn keep_keys_for(mut self, time: Duration) -> Self {
        self.settings.keep_keys_for = time;
        self
    }

    /// How long handlers may go on when the node shuts down; 30 s if this isn't said.
    pub fn grace(mut self, period: Duration) -> Self {
        self.settings.grace = period;
        self
    }

    /// How large an encoded message may be; 1 MiB if this isn't said.
    pub fn body_limit(mut self, limit: BodyLimit) -> Self {
        self.settings.body_limit = limit;
        self
    }

    /// What happens after a failure of a handler for which nothing else is said; [`Retry::DEFAULT`](crate::retry::Retry::DEFAULT) if this isn't
    /// said.
    pub fn retry(mut self, policy: impl Policy) -> Self {
        self.settings.retries.set(policy);
        self
    }

    /// The same for the handlers of one message; a handler's own policy comes before it.
    pub fn retry_for<M: Message>(mut self, policy: impl Policy) -> Self {
        self.settings.retries.set_for::<M>(policy);
        self
    }

    /// Checks everything, joins the cluster, and returns when the node is ready: handlers with `replay` have seen the history.
    ///
    /// Dropped before it is ready, it leaves nothing behind.
    ///
    /// # Errors
    ///
    /// `Validation` with all that is wrong with the handlers, the names and the settings; `Conflict` if another living node has the name, or
    /// another service owns one of its requests; `Unavailable` or `Internal` if transport or persistence can't be used. Each says what to do.
    pub async fn start(self) -> Result<Node> {
        start::start(self.dispatch, self.settings).await
    }
}
