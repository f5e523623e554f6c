use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::envelope::Envelope;
use crate::error::{Error, Result};
use crate::runtime;

use super::super::{Deliveries, Link, Member, Replies, Requests, Source, Start, Subscription};
use super::cluster::{Cluster, Durable};
use super::consumer::{Consumer, MemberId, Message};
use super::deliveries::Subscribed;
use super::history::History;
use super::requests::{Asked, Intake};
use super::size::size_of;

/// One node's tie to the others.
#[derive(Debug)]
pub(super) struct MemberLink {
    cluster: Arc<Cluster>,
    member: Member,
    id: MemberId,
    /// Cancelled under the cluster's lock when this member has left.
    left: CancellationToken,
}

impl MemberLink {
    pub(super) fn join(cluster: Arc<Cluster>, member: Member) -> Result<Self> {
        let left = CancellationToken::new();
        let id = cluster.lock().join(&member, left.clone())?;
        Ok(Self { cluster, member, id, left })
    }

    /// Refuses what the cluster doesn't carry.
    fn check_size(&self, envelope: &Envelope) -> Result<()> {
        let (size, limit) = (size_of(envelope), self.cluster.limits.envelope_bytes);
        if size <= limit {
            return Ok(());
        }
        Err(Error::too_large(format!(
            "the envelope of `{}` has {size} bytes; at most {limit} are carried",
            envelope.name
        )))
    }

    fn check_living(&self) -> Result<()> {
        if !self.left.is_cancelled() {
            return Ok(());
        }
        Err(Error::unavailable(format!("the node `{}` has left its cluster", self.member.node())))
    }

    fn publish_one(&self, event: Envelope) -> Result<()> {
        self.check_size(&event)?;
        let mut state = self.cluster.lock();
        self.check_living()?;
        state.store_event(event);
        Ok(())
    }
}

#[async_trait]
impl Link for MemberLink {
    async fn request(&self, envelope: Envelope, within: Duration) -> Result<Box<dyn Replies>> {
        self.check_size(&envelope)?;
        let mut state = self.cluster.lock();
        self.check_living()?;
        let office = state.office(&envelope.name)?;
        let (asked, waiter) = Asked::new(envelope, within);
        office.receive(asked, self.cluster.limits.requests)?;
        Ok(Box::new(waiter))
    }

    async fn requests(&self, request: &str, in_flight: NonZeroUsize) -> Result<Box<dyn Requests>> {
        let wake = Arc::new(Notify::new());
        let mut state = self.cluster.lock();
        self.check_living()?;
        state.check_owned(self.id, request)?;
        let office = state.office(request)?;
        if office.has(self.id) {
            return Err(Error::conflict(format!("the node `{}` takes `{request}` already", self.member.node())));
        }
        office.open(self.id, in_flight.get(), wake.clone());
        Ok(Box::new(Intake { cluster: self.cluster.clone(), request: request.to_owned(), member: self.id, wake }))
    }

    async fn enqueue(&self, envelope: Envelope, delay: Duration) -> Result<()> {
        self.check_size(&envelope)?;
        let mut state = self.cluster.lock();
        self.check_living()?;
        state.office(&envelope.name)?;
        let name = Durable::Work { command: envelope.name.to_string() };
        let id = state.durable(name, |_| Consumer::of_commands());
        let Some((_, consumer)) = state.consumer(id) else { return Ok(()) };
        let Some(message) = consumer.store(envelope, &self.cluster.limits)? else { return Ok(()) };
        if delay.is_zero() {
            consumer.ready(message);
        } else {
            let due = runtime::after(delay);
            consumer.ready_at(due, Message { since: due, ..message });
        }
        Ok(())
    }

    async fn publish(&self, events: Vec<Envelope>) -> Vec<Result<()>> {
        events.into_iter().map(|event| self.publish_one(event)).collect()
    }

    async fn subscribe(&self, subscription: Subscription) -> Result<Box<dyn Deliveries>> {
        let mut state = self.cluster.lock();
        self.check_living()?;
        let end = state.history.end();
        let mut is_own = false;
        let id = match subscription.source {
            Source::Work { command } => {
                state.check_owned(self.id, &command)?;
                state.durable(Durable::Work { command }, |_| Consumer::of_commands())
            }
            Source::Service { event, handler } => {
                let service = self.member.service().to_owned();
                let events = [event.clone()].into();
                let new = |_: &History| Consumer::of_events(events, end, 0, None);
                state.durable(Durable::Service { service, event, handler }, new)
            }
            Source::Node { events, start } => {
                is_own = true;
                let events = events.into_iter().collect();
                let first = state.history.first();
                let consumer = match start {
                    Start::Now => Consumer::of_events(events, end, 0, None),
                    Start::First => Consumer::of_events(events, first, 0, Some(end)),
                    // Nobody knows any longer which of those that were dropped it wanted.
                    Start::At(next) => Consumer::of_events(events, next, first.saturating_sub(next), Some(end)),
                };
                state.add_own(self.member.node(), consumer)
            }
        };
        let wake = state.consumer(id).map(|(_, consumer)| consumer.wake.clone()).unwrap_or_default();
        let slots = Arc::new(Semaphore::new(subscription.in_flight.get().min(Semaphore::MAX_PERMITS)));
        let (cluster, left) = (self.cluster.clone(), self.left.clone());
        Ok(Box::new(Subscribed { cluster, member: self.id, left, consumer: id, is_own, slots, wake }))
    }

    async fn health(&self) -> Result<()> {
        self.check_living()
    }

    async fn leave(&self) -> Result<()> {
        self.cluster.lock().leave(self.id);
        Ok(())
    }
}

impl Drop for MemberLink {
    /// Without having left, this is the node's death: what it hadn't settled goes to others.
    fn drop(&mut self) {
        let mut state = self.cluster.lock();
        if state.leave(self.id) {
            state.take_back(self.id);
        }
    }
}
