//! The transport: carries envelopes between the nodes of a cluster.
//!
//! This page is a contract with two readers: core, which calls, and whoever writes another transport. [`InMemory`] joins the nodes of
//! one process; it is the embedded default and everybody's test double.
//!
//! Whether another one keeps what is promised here is shown by the suite in the package `catga-testkit`, a test for each property.
//!
//! A [`Transport`] is a broker that can be reached. A node [`join`](Transport::join)s it and gets a [`Link`], by which it does everything
//! else:
//!
//! | the node | by | what comes of it |
//! | --- | --- | --- |
//! | sends a request | [`Link::request`] | [`Replies`]: signs of life, then one reply |
//! | answers requests | [`Link::requests`] | [`Requests`]: each [`RequestDelivery`] is answered once |
//! | hands a command over | [`Link::enqueue`] | stored, for one node of the owning service |
//! | publishes events | [`Link::publish`] | stored, for every subscription |
//! | takes stored messages | [`Link::subscribe`] | [`Deliveries`]: each [`Delivery`] is settled once |
//!
//! # What every call promises
//!
//! - **Panics.** None, whatever the arguments and whatever arrives.
//! - **Concurrency.** Any number of calls may be made at once through one link, and through several.
//! - **Contents.** An envelope arrives with the same id, headers and body bytes; a transport never looks into a body, and logs neither
//!   bodies nor headers. What it can't carry (size, headers) it refuses when it is handed over.
//! - **Errors.** The code says what is known. [`Unavailable`](crate::Code::Unavailable), [`NoHandler`](crate::Code::NoHandler),
//!   [`TooLarge`](crate::Code::TooLarge), [`Conflict`](crate::Code::Conflict) and [`Validation`](crate::Code::Validation) mean that nothing
//!   was sent, stored or opened; [`OutcomeUnknown`](crate::Code::OutcomeUnknown) that it may have been.
//! - **Bounds.** A call ends within a time limit of the transport's own, a few seconds, or with its time ([`Link::request`]); nothing is
//!   buffered without bound while the broker is away. What waits locally, is put off, or is kept by the broker has stated limits.
//! - **Clocks.** No node's clock matters to another: delays and times left travel as durations, and whoever keeps a message times it.
//!
//! # Cancelling
//!
//! Each future may be dropped before it is ready, and the link works on. What was cancelled has then happened or not:
//!
//! | dropped | leaves behind | afterwards |
//! | --- | --- | --- |
//! | [`Transport::join`] | no member, or one that looks dead | join again |
//! | [`Link::request`] | nothing, or a request whose caller is gone: see [`Replies`] | send it again under the same id, if it may run twice |
//! | [`Link::requests`], [`Link::subscribe`] | nothing open; what was handed to it already comes to others | open it again |
//! | [`Link::enqueue`], [`Link::publish`] | each message stored or not | hand it over again: within the transport's window (two minutes is usual) one delivery id is stored once |
//! | any `next` | all as it was: it loses nothing | call it again |
//! | [`Delivery::still_working`], [`RequestDelivery::still_working`] | a sign, or none | nothing |
//! | [`Delivery::settle`], [`retry_after`](Delivery::retry_after), [`dead`](Delivery::dead) | what they do, or a delivery that was dropped unsettled | it may come again |
//! | [`RequestDelivery::reply`] | a reply, or a request that was dropped unanswered | nothing |
//! | [`Requests::close`], [`Deliveries::close`], [`Link::leave`] | what they do, or what a node's death does | leaving may be asked for again |
//!
//! # Faults
//!
//! | when | then |
//! | --- | --- |
//! | the connection is lost | calls fail as said above, until it is back; [`Requests`] and [`Deliveries`] stay open and go on by themselves, their `next` waits; what was handed out can be settled then, if it wasn't given to others |
//! | the broker restarts | what was stored is there, as durably as the transport says; every subscription, also a node's own, goes on where it was |
//! | a message was stored, and its sender wasn't told | [`OutcomeUnknown`](crate::Code::OutcomeUnknown); handed over again within the window, it is stored once. Beyond it there is a second copy, of another [sequence](Delivery::sequence), under the same delivery id |
//! | a delivery was settled, and the settler wasn't told | [`OutcomeUnknown`](crate::Code::OutcomeUnknown); it may come again |
//! | a node dies, or is silent for longer than the [patience](Delivery::patience) | what it had in flight, and what waited there, comes to others, with one more attempt each, as far as the transport can't tell the two apart. Its name is free |
//! | it wakes up again | it may settle late, see [`Delivery`] |
//! | a node dies with a request | the caller is told, or hears nothing until its time is up |
//!
//! So a stored message comes at least once, and never to two nodes of one subscription at a time as long as its holder shows life; a
//! request comes at most once.
//!
//! # Who sees what
//!
//! - Nothing crosses from one cluster to another: the same names in two clusters are two things.
//! - A **request** is seen by one node, of those that take requests of its name. Who may is checked by [`Transport::join`]: one service owns
//!   a request at a time. Its reply is seen by its caller alone, also if it comes too late.
//! - A **command** is seen by one node at a time, of those that subscribe to its [work](Source::Work). One queue a command, whichever service
//!   owns it: what waits is handed over with the ownership.
//! - An **event** is seen by every subscription that wants its name, also those of other services: once by each node that wants it
//!   ([`Source::Node`]), and by one node at a time for each service and handler that wants it ([`Source::Service`]). Handlers of two
//!   services never compete, though they have one name.
//! - What was published or enqueued is seen when the call has returned, or before; also by the node itself.
//!
//! # Order
//!
//! Events that one node publishes one call after the other, and those of one batch, get rising sequences in this order; a subscription
//! hands out what it hasn't yet, lowest sequence first. Commands come in the order in which they were stored, those with a delay when they are due. What
//! comes again comes before what is new, as far as the transport can. Across nodes, and across commands of different names, there is no
//! order.

mod delivery;
mod in_memory;
mod member;
mod request;
mod subscription;

pub use delivery::{Arrival, Deliveries, Delivery, Settlement};
pub use in_memory::{Backlog, InMemory, Limits, Receiver};
pub use member::Member;
pub(crate) use member::{MAX_NAME, mistake_in};
pub use request::{Frame, Replies, RequestDelivery, Requests, Responder};
pub use subscription::{Source, Start, Subscription};

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::envelope::Envelope;
use crate::error::Result;

/// A broker, or what stands for one.
///
/// One value may serve several nodes of one process; they are told apart by what they join as.
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Makes this node a member of its cluster, and prepares what its service needs there (streams, queues).
    ///
    /// Nothing is delivered before the node asks for it. A member that was lost without [`leave`](Link::leave) keeps its name, and its
    /// service what it owns, until the broker has noticed; a transport waits for that, as long as a death takes to be noticed, rather than
    /// refuse a node that restarts.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::Code::Conflict): a living node of this cluster has this name, or another service owns one of its requests (the
    /// error names both); [`Unavailable`](crate::Code::Unavailable): the broker can't be reached; [`Internal`](crate::Code::Internal): it
    /// isn't as it must be, and the error says what to do.
    async fn join(&self, member: Member) -> Result<Arc<dyn Link>>;
}

/// A member's way to the others of its cluster.
///
/// Dropping the last handle to it without [`leave`](Self::leave) looks to the others like the node's death.
#[async_trait]
pub trait Link: Send + Sync + 'static {
    /// Sends a request to one node of those that [take](Self::requests) such requests, maybe this one; nodes are picked fairly.
    ///
    /// It isn't stored, and never delivered twice by the transport itself: whether it is sent again is core's decision. It isn't handed out
    /// once `within` has passed.
    ///
    /// # Errors
    ///
    /// At once, and with nothing run: [`NoHandler`](crate::Code::NoHandler) if no service owns it,
    /// [`Unavailable`](crate::Code::Unavailable) if no node takes such requests, or they are too many already,
    /// [`TooLarge`](crate::Code::TooLarge). A transport that can't tell the first two apart says `Unavailable`.
    async fn request(&self, envelope: Envelope, within: Duration) -> Result<Box<dyn Replies>>;

    /// Takes the requests of this wire name, which the member joined as an owner of, at most `in_flight` unanswered ones at a time. Called
    /// once for each request that the node handles, so that those of a slow handler keep no others back.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::Code::Unavailable): the broker can't be reached, or the member has left;
    /// [`Conflict`](crate::Code::Conflict): it takes them already; [`Validation`](crate::Code::Validation): it didn't join as their owner.
    async fn requests(&self, request: &str, in_flight: NonZeroUsize) -> Result<Box<dyn Requests>>;

    /// Stores a command for one node of the service that owns it, to be delivered no sooner than after `delay`.
    ///
    /// `Ok` means stored as durably as this transport ever stores; the owning service needn't be running.
    ///
    /// # Errors
    ///
    /// [`NoHandler`](crate::Code::NoHandler): no service ever owned it; [`Unavailable`](crate::Code::Unavailable): the queue is full (it
    /// refuses instead of dropping), or the broker is away; [`TooLarge`](crate::Code::TooLarge);
    /// [`OutcomeUnknown`](crate::Code::OutcomeUnknown): call again with the same envelope.
    async fn enqueue(&self, envelope: Envelope, delay: Duration) -> Result<()>;

    /// Stores events for every subscription, in this order; the outcome of each, in the same order.
    ///
    /// One that fails doesn't keep the others back. Nobody needs to subscribe. A batch may be published again as a whole: what is stored
    /// isn't stored a second time.
    async fn publish(&self, events: Vec<Envelope>) -> Vec<Result<()>>;

    /// Opens a subscription.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::Code::Unavailable): the broker can't be reached, or the member has left; [`Conflict`](crate::Code::Conflict):
    /// the subscription exists under this name with another configuration, which is left as it is;
    /// [`Validation`](crate::Code::Validation): the commands of [`Source::Work`] are some that this member didn't join as the owner of.
    async fn subscribe(&self, subscription: Subscription) -> Result<Box<dyn Deliveries>>;

    /// Whether the transport can be used now.
    ///
    /// # Errors
    ///
    /// Why it can't, for people.
    async fn health(&self) -> Result<()>;

    /// Leaves the cluster: the node's name is free, its requests go to others, its subscriptions end, and what waits in them is given back
    /// at once. What was handed out can still be answered and settled; every other call is refused as
    /// [`Unavailable`](crate::Code::Unavailable). To leave twice is harmless.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::Code::Unavailable): the broker wasn't told; it will notice.
    async fn leave(&self) -> Result<()>;
}
