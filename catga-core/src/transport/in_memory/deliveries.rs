use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};
use crate::runtime;

use super::super::{Arrival, Deliveries, Delivery, Settlement};
use super::cluster::{Cluster, ConsumerId};
use super::consumer::{HandedOut, MemberId, Taken, Ticket};

/// One node's end of a subscription.
#[derive(Debug)]
pub(super) struct Subscribed {
    pub(super) cluster: Arc<Cluster>,
    pub(super) member: MemberId,
    /// Cancelled when the member has left.
    pub(super) left: CancellationToken,
    pub(super) consumer: ConsumerId,
    /// Whether the consumer is this node's own and ends with it.
    pub(super) is_own: bool,
    /// One for each delivery that may be in flight.
    pub(super) slots: Arc<Semaphore>,
    pub(super) wake: Arc<Notify>,
}

#[async_trait]
impl Deliveries for Subscribed {
    async fn next(&mut self) -> Option<Arrival> {
        self.left.run_until_cancelled(pin!(self.arrival())).await.flatten()
    }

    fn missed(&self) -> u64 {
        self.cluster.lock().consumer(self.consumer).map_or(0, |(_, consumer)| consumer.missed())
    }

    async fn close(self: Box<Self>) {}
}

impl Subscribed {
    async fn arrival(&self) -> Option<Arrival> {
        // Who has no slot doesn't wait for messages either, so that each message wakes somebody who can take it.
        let slot = self.slots.clone().acquire_owned().await.ok()?;
        loop {
            let woken = self.wake.notified();
            match self.take()? {
                Taken::Message(taken) => return Some(Arrival::Delivery(self.deliver(taken, slot))),
                Taken::CaughtUp => return Some(Arrival::CaughtUp),
                Taken::Nothing(until) => drop(runtime::until(until, woken).await),
            }
        }
    }

    /// Takes what is next and wakes who may take what is left; `None` when this node has left.
    fn take(&self) -> Option<Taken> {
        let mut state = self.cluster.lock();
        if self.left.is_cancelled() {
            return None;
        }
        let (history, consumer) = state.consumer(self.consumer)?;
        let taken = consumer.take(history, self.member, self.cluster.limits.put_off);
        if !matches!(taken, Taken::Nothing(_)) && consumer.has_more(history) {
            consumer.wake.notify_one();
        }
        Some(taken)
    }

    fn deliver(&self, HandedOut { ticket, message, sequence }: HandedOut, slot: OwnedSemaphorePermit) -> Delivery {
        let claim = Claim { cluster: self.cluster.clone(), consumer: self.consumer, ticket };
        let settlement = Box::new(Settling { claim, _slot: slot });
        let age = runtime::now().saturating_duration_since(message.since);
        Delivery::new(message.envelope, message.attempts, sequence, settlement).aged(age)
    }
}

impl Drop for Subscribed {
    fn drop(&mut self) {
        if self.is_own {
            self.cluster.lock().remove(self.consumer);
        }
    }
}

/// A delivery in flight. Dropping it gives the delivery back, unless it was settled.
struct Settling {
    // Dropped first, so that the delivery can be taken again when the slot is free.
    claim: Claim,
    _slot: OwnedSemaphorePermit,
}

struct Claim {
    cluster: Arc<Cluster>,
    consumer: ConsumerId,
    ticket: Ticket,
}

impl Claim {
    /// Ends the delivery for good.
    fn settle(&self) -> Result<()> {
        let mut state = self.cluster.lock();
        match state.consumer(self.consumer) {
            Some((_, consumer)) => consumer.settle(self.ticket).then_some(()).ok_or_else(given_away),
            None => Ok(()),
        }
    }

    /// Makes the message ready after a while, and holds no place until then.
    fn put_off(&self, delay: Duration) -> Result<()> {
        let until = runtime::after(self.cluster.limits.longest_delay.map_or(delay, |longest| delay.min(longest)));
        let mut state = self.cluster.lock();
        match state.consumer(self.consumer) {
            None => Ok(()),
            Some((_, consumer)) => consumer.put_off(self.ticket, until).then_some(()).ok_or_else(given_away),
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if let Some((_, consumer)) = self.cluster.lock().consumer(self.consumer)
            && let Some(message) = consumer.release(self.ticket)
        {
            consumer.ready(message);
        }
    }
}

#[async_trait]
impl Settlement for Settling {
    async fn still_working(&self) -> Result<()> {
        match self.claim.cluster.lock().consumer(self.claim.consumer) {
            Some((_, consumer)) => consumer.is_held(self.claim.ticket).then_some(()).ok_or_else(given_away),
            None => Ok(()),
        }
    }

    fn patience(&self) -> Option<Duration> {
        None
    }

    fn longest_delay(&self) -> Option<Duration> {
        self.claim.cluster.limits.longest_delay
    }

    async fn settle(self: Box<Self>) -> Result<()> {
        self.claim.settle()
    }

    async fn retry_after(self: Box<Self>, delay: Duration) -> Result<()> {
        self.claim.put_off(delay)
    }

    async fn dead(self: Box<Self>, reason: &str) -> Result<()> {
        tracing::warn!(reason, "a delivery was given up");
        self.claim.settle()
    }
}

fn given_away() -> Error {
    Error::unavailable("the delivery was given to another node, since this one was taken for gone")
}
