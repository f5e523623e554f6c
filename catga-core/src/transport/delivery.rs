use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::envelope::Envelope;
use crate::error::Result;

/// The stored messages that arrive at one node by one subscription, oldest first as far as no retry intervenes.
///
/// Dropping it without [`close`](Self::close) looks like the node's death: what waits in it comes to others when the broker has noticed.
#[async_trait]
pub trait Deliveries: Send {
    /// What arrives next; `None` when the member has left. Cancel safe.
    async fn next(&mut self) -> Option<Arrival>;

    /// How many messages the history has dropped before this subscription got them: its gap. 0 says for sure that there is none; a
    /// transport that can't tell which of them it wanted counts all.
    fn missed(&self) -> u64;

    /// Takes nothing more and gives back at once what waits here. What was handed out can still be settled.
    async fn close(self: Box<Self>);
}

/// What a subscription brings.
#[derive(Debug)]
pub enum Arrival {
    /// A message.
    Delivery(Delivery),
    /// All of the history was handed out: once for a subscription that begins with the [first](super::Start::First) event or [at](super::Start::At)
    /// some event, never for others.
    CaughtUp,
}

/// One arrival of a stored message at a node; consumed by settling it.
///
/// Dropped unsettled, it comes again, here or at another node, with one more attempt: at once, or when the broker has noticed.
/// So does one of which the broker hears nothing for too long (30 s is usual); [`still_working`](Self::still_working) keeps it. It comes
/// however often that happens: no transport gives a message up by itself.
///
/// A settlement that comes too late, when the message has been delivered again, is refused or without effect where the broker can tell,
/// and may settle the new delivery where it can't. Therefore whoever was silent for too long only [`settle`](Self::settle)s, and only
/// what is done.
pub struct Delivery {
    envelope: Envelope,
    attempt: u32,
    sequence: Option<u64>,
    age: Duration,
    settlement: Box<dyn Settlement>,
}

impl Delivery {
    /// For transports: this envelope, for the `attempt`th time (from 1), settled by `settlement`; with its place in the cluster's stream
    /// if it is an event.
    pub fn new(envelope: Envelope, attempt: u32, sequence: Option<u64>, settlement: Box<dyn Settlement>) -> Self {
        Self { envelope, attempt, sequence, age: Duration::ZERO, settlement }
    }

    /// For transports: the same delivery of a message that has been kept for this long.
    #[must_use]
    pub fn aged(mut self, age: Duration) -> Self {
        self.age = age;
        self
    }

    /// For how long the transport has kept the message since it could be delivered, by the broker's clock; zero if that isn't known.
    pub fn age(&self) -> Duration {
        self.age
    }

    /// The message.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// How many times it was delivered by this subscription, this time included, on all nodes.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// An event's place in the cluster's stream: greater for what was stored later, and the same for every subscription and each time that
    /// it comes. `None` for a command.
    ///
    /// Places that nothing has are usual; what is stored again under one delivery id beyond the transport's window gets another one.
    pub fn sequence(&self) -> Option<u64> {
        self.sequence
    }

    /// Says that it is being worked on, so that it doesn't go to somebody else meanwhile. Enough: every third of the time after which the
    /// broker gives up, see [`Settlement::patience`].
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::Code::Unavailable): the broker wasn't told.
    pub async fn still_working(&self) -> Result<()> {
        self.settlement.still_working().await
    }

    /// How long the broker waits for a sign of life; `None`: for as long as the node lives.
    pub fn patience(&self) -> Option<Duration> {
        self.settlement.patience()
    }

    /// It is done and never comes again; returns when the broker has confirmed that.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::Code::Unavailable) or [`OutcomeUnknown`](crate::Code::OutcomeUnknown): it may come again.
    pub async fn settle(self) -> Result<()> {
        self.settlement.settle().await
    }

    /// The longest that [`retry_after`](Self::retry_after) can put it off; `None`: any time. What must wait longer is for the persistence.
    pub fn longest_delay(&self) -> Option<Duration> {
        self.settlement.longest_delay()
    }

    /// It comes again, no sooner than after `delay`, or after the [longest](Self::longest_delay) if that is less; meanwhile it takes no
    /// place among those in flight, as far as the transport can.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::Code::Unavailable): the broker wasn't told, so it comes again when the broker has noticed.
    pub async fn retry_after(self, delay: Duration) -> Result<()> {
        self.settlement.retry_after(delay).await
    }

    /// It is given up and never comes again. Whoever wants to keep it has stored it before.
    ///
    /// # Errors
    ///
    /// As for [`settle`](Self::settle).
    pub async fn dead(self, reason: &str) -> Result<()> {
        self.settlement.dead(reason).await
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("envelope", &self.envelope)
            .field("attempt", &self.attempt)
            .field("sequence", &self.sequence)
            .finish_non_exhaustive()
    }
}

/// How a transport settles a delivery; the methods are those of [`Delivery`]. Dropping it gives the delivery back.
#[async_trait]
pub trait Settlement: Send + Sync {
    /// See [`Delivery::still_working`].
    async fn still_working(&self) -> Result<()>;

    /// See [`Delivery::patience`].
    fn patience(&self) -> Option<Duration>;

    /// See [`Delivery::longest_delay`].
    fn longest_delay(&self) -> Option<Duration>;

    /// See [`Delivery::settle`].
    async fn settle(self: Box<Self>) -> Result<()>;

    /// See [`Delivery::retry_after`].
    async fn retry_after(self: Box<Self>, delay: Duration) -> Result<()>;

    /// See [`Delivery::dead`].
    async fn dead(self: Box<Self>, reason: &str) -> Result<()>;
}
