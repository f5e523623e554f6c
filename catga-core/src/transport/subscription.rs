use std::num::NonZeroUsize;

/// Which stored messages a node wants, and how many at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Which ones.
    pub source: Source,
    /// How many may be handed out and not yet settled, and how many more may wait locally (each at most so many). One that was put off by
    /// [`retry_after`](super::Delivery::retry_after) counts for nothing until it comes again.
    pub in_flight: NonZeroUsize,
}

/// Where a subscription's messages come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The commands of one wire name that were enqueued, which this member's service owns: each to one of its nodes. Durable: they wait
    /// while no node is there.
    ///
    /// Each command has a queue of its own, so that those of a slow handler keep no others back.
    Work {
        /// The wire name.
        command: String,
    },
    /// The events of these wire names, each to this very node, for all its handlers that have no durable subscription. It lives as long as
    /// the node; a transport keeps it through a broken connection, so nothing is missed unless the history dropped it.
    ///
    /// A node opens at most one that begins with [`Start::Now`], one with [`Start::First`], and any number with [`Start::At`].
    Node {
        /// The wire names.
        events: Vec<String>,
        /// What it begins with.
        start: Start,
    },
    /// The events of one wire name, each to one node of this member's service, for one handler. Durable: it begins when a
    /// node opens it for the first time, and what arrives while no node is there waits in the history.
    Service {
        /// The wire name.
        event: String,
        /// The handler's identity among those of the event in this service. One that was renamed goes by its first name.
        handler: String,
    },
}

/// What a node's subscription begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Start {
    /// What is published from now on.
    Now,
    /// The first event that is kept. All that was stored before the subscription was opened is its history; after it comes one
    /// [`CaughtUp`](super::Arrival::CaughtUp).
    First,
    /// The first event whose [sequence](super::Delivery::sequence) is at least this. All from there on that was stored before the
    /// subscription was opened is its history; after it comes one [`CaughtUp`](super::Arrival::CaughtUp).
    ///
    /// What the stream has dropped from there on counts as [missed](super::Deliveries::missed).
    At(u64),
}
