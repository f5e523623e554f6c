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
use super::consumer::{Consumer, MemberId};
use super::deliveries::Subscribed;
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
        self.cluster.lock().store_event(event);
        Ok(())
    }

    fn work(&self, service: &str) -> Durable {
        Durable::Work { service: service.to_owned() }
    }
}

#[async_trait]
impl Link for MemberLink {
    async fn request(&self, envelope: Envelope, within: Duration) -> Result<Box<dyn Replies>> {
        self.check_size(&envelope)?;
        let mut state = self.cluster.lock();
        let service = state.owner(&envelope.name)?;
        let (asked, waiter) = Asked::new(envelope, within);
        if let Some(office) = state.office(&service) {
            office.receive(asked, self.cluster.limits.requests)?;
        }
        Ok(Box::new(waiter))
    }

    async fn requests(&self, in_flight: NonZeroUsize) -> Result<Box<dyn Requests>> {
        let wake = Arc::new(Notify::new());
        let mut state = self.cluster.lock();
        self.check_living()?;
        let (id, takes) = (self.id, state.requests_of(self.id));
        let service = self.member.service().to_owned();
        if let Some(office) = state.office(&service) {
            if office.has(id) {
                return Err(Error::conflict(format!("the node `{}` takes requests already", self.member.node())));
            }
            office.open(id, takes, in_flight.get(), wake.clone());
        }
        Ok(Box::new(Intake { cluster: self.cluster.clone(), service, member: id, wake }))
    }

    async fn enqueue(&self, envelope: Envelope, delay: Duration) -> Result<()> {
        self.check_size(&envelope)?;
        let mut state = self.cluster.lock();
        let service = state.owner(&envelope.name)?;
        let id = state.durable(self.work(&service), |_| Consumer::of_commands());
        let Some((_, consumer)) = state.consumer(id) else { return Ok(()) };
        let Some(message) = consumer.store(envelope, &self.cluster.limits)? else { return Ok(()) };
        if delay.is_zero() {
            consumer.ready(message);
            return Ok(());
        }
        let cluster = Arc::downgrade(&self.cluster);
        runtime::spawn(async move {
            runtime::sleep(delay).await;
            if let Some(cluster) = cluster.upgrade()
                && let Some((_, consumer)) = cluster.lock().consumer(id)
            {
                consumer.ready(message);
            }
        });
        Ok(())
    }

    async fn publish(&self, events: Vec<Envelope>) -> Vec<Result<()>> {
        events.into_iter().map(|event| self.publish_one(event)).collect()
    }

    async fn subscribe(&self, subscription: Subscription) -> Result<Box<dyn Deliveries>> {
        let service = self.member.service().to_owned();
        let mut state = self.cluster.lock();
        self.check_living()?;
        let end = state.history.end();
        let mut is_own = false;
        let id = match subscription.source {
            Source::Work => state.durable(self.work(&service), |_| Consumer::of_commands()),
            Source::Service { event, handler } => {
                let events = [event.clone()].into();
                state.durable(Durable::Service { service, event, handler }, |_| Consumer::of_events(events, end, None))
            }
            Source::Node { events, start } => {
                is_own = true;
                let events = events.into_iter().collect();
                let consumer = match start {
                    Start::Now => Consumer::of_events(events, end, None),
                    Start::First => Consumer::of_events(events, state.history.first(), Some(end)),
                };
                state.add(consumer)
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
