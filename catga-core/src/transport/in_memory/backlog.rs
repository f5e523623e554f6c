use std::fmt;

use super::InMemory;
use super::cluster::{Cluster, Durable, State};

/// What one receiver of a cluster still has before it; see [`InMemory::backlog`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backlog {
    /// The cluster.
    pub cluster: String,
    /// Whose it is.
    pub receiver: Receiver,
    /// How many messages wait to be handed out.
    pub waiting: usize,
    /// How many were handed out, and are neither settled nor answered.
    pub in_flight: usize,
    /// How many were put off, or enqueued with a delay, and aren't due yet.
    pub put_off: usize,
}

/// Where messages of an [`InMemory`] transport wait.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Receiver {
    /// The nodes that answer the requests of this wire name.
    Requests {
        /// The wire name.
        request: String,
    },
    /// The nodes that take the enqueued commands of this wire name.
    Work {
        /// The wire name.
        command: String,
    },
    /// One handler of a service.
    Service {
        /// The service.
        service: String,
        /// The wire name of its event.
        event: String,
        /// Its (first) name.
        handler: String,
    },
    /// The handlers of one node that each node has for itself.
    Node {
        /// The node.
        node: String,
        /// The wire names of their events.
        events: Vec<String>,
    },
}

impl fmt::Display for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requests { request } => write!(f, "the requests `{request}`"),
            Self::Work { command } => write!(f, "the enqueued commands `{command}`"),
            Self::Service { service, event, handler } => {
                write!(f, "`{handler}` for `{event}` of the service `{service}`")
            }
            Self::Node { node, events } => write!(f, "the node `{node}` for `{}`", events.join("`, `")),
        }
    }
}

impl fmt::Display for Backlog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { receiver, waiting, in_flight, put_off, .. } = self;
        write!(f, "{receiver}: {waiting} waiting, {in_flight} in flight, {put_off} put off")
    }
}

/// How many messages a receiver has in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) waiting: usize,
    pub(super) in_flight: usize,
    pub(super) put_off: usize,
}

impl InMemory {
    /// What isn't through yet: of each receiver that has something before it, how much. It is one moment's state of each cluster.
    ///
    /// A subscription that is of a service, or of commands, is there also while no node takes it. What a node has settled isn't there, though
    /// the node may have it [aside](crate::Node::aside); nor is what the outbox of a persistence holds.
    pub fn backlog(&self) -> Vec<Backlog> {
        let clusters = self.clusters();
        clusters.iter().flat_map(|(name, cluster)| of_cluster(name, cluster)).collect()
    }
}

fn of_cluster(name: &str, cluster: &Cluster) -> Vec<Backlog> {
    let mut all = cluster.lock().counts();
    all.retain(|(_, counts)| *counts != Counts::default());
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    let backlog = |(receiver, Counts { waiting, in_flight, put_off })| Backlog {
        cluster: name.to_owned(),
        receiver,
        waiting,
        in_flight,
        put_off,
    };
    all.into_iter().map(backlog).collect()
}

impl State {
    fn counts(&self) -> Vec<(Receiver, Counts)> {
        let requests = self
            .offices
            .iter()
            .map(|(request, office)| (Receiver::Requests { request: request.clone() }, office.counts()));
        let durable = self.durable.iter().map(|(name, id)| (receiver(name), *id));
        let own = self.own.iter().map(|(id, node)| {
            let events = self.consumers.get(id).map(|consumer| consumer.events().iter().cloned().collect());
            (Receiver::Node { node: node.clone(), events: events.unwrap_or_default() }, *id)
        });
        let consumers = durable.chain(own).map(|(receiver, id)| {
            let counts = self.consumers.get(&id).map(|consumer| consumer.counts(&self.history));
            (receiver, counts.unwrap_or_default())
        });
        requests.chain(consumers).collect()
    }
}

fn receiver(name: &Durable) -> Receiver {
    match name.clone() {
        Durable::Work { command } => Receiver::Work { command },
        Durable::Service { service, event, handler } => Receiver::Service { service, event, handler },
    }
}
