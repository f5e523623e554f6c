use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use catga_core::Result;
use catga_core::envelope::{Envelope, Reply};
use catga_core::transport::{
    Arrival, Deliveries, Delivery, InMemory, Link, Member, Replies, RequestDelivery, Requests, Responder, Settlement,
    Subscription, Transport,
};

use super::super::observer::{Moving, Observer};

/// The transport of one node.
pub(in super::super) struct WatchedTransport {
    pub(in super::super) inner: InMemory,
    pub(in super::super) observer: Arc<Observer>,
    /// Whether the node has joined by it.
    pub(in super::super) used: Arc<AtomicBool>,
}

#[async_trait]
impl Transport for WatchedTransport {
    async fn join(&self, member: Member) -> Result<Arc<dyn Link>> {
        let inner = self.inner.join(member).await?;
        self.used.store(true, Ordering::Release);
        Ok(Arc::new(WatchedLink { inner, observer: self.observer.clone() }))
    }
}

struct WatchedLink {
    inner: Arc<dyn Link>,
    observer: Arc<Observer>,
}

#[async_trait]
impl Link for WatchedLink {
    async fn request(&self, envelope: Envelope, within: Duration) -> Result<Box<dyn Replies>> {
        let _moving = self.observer.moving();
        self.inner.request(envelope, within).await
    }

    async fn requests(&self, request: &str, in_flight: NonZeroUsize) -> Result<Box<dyn Requests>> {
        let inner = self.inner.requests(request, in_flight).await?;
        Ok(Box::new(WatchedRequests { inner, observer: self.observer.clone() }))
    }

    async fn enqueue(&self, envelope: Envelope, delay: Duration) -> Result<()> {
        let _moving = self.observer.moving();
        let outcome = self.inner.enqueue(envelope.clone(), delay).await;
        self.observer.change(|notes| notes.left(envelope, &outcome));
        outcome
    }

    async fn publish(&self, events: Vec<Envelope>) -> Vec<Result<()>> {
        let _moving = self.observer.moving();
        let outcomes = self.inner.publish(events.clone()).await;
        self.observer.change(|notes| {
            for (event, outcome) in events.into_iter().zip(&outcomes) {
                notes.left(event, outcome);
            }
        });
        outcomes
    }

    async fn subscribe(&self, subscription: Subscription) -> Result<Box<dyn Deliveries>> {
        let _moving = self.observer.moving();
        let inner = self.inner.subscribe(subscription).await?;
        Ok(Box::new(WatchedDeliveries { inner, observer: self.observer.clone() }))
    }

    async fn health(&self) -> Result<()> {
        self.inner.health().await
    }

    async fn leave(&self) -> Result<()> {
        let _moving = self.observer.moving();
        self.inner.leave().await
    }
}

struct WatchedRequests {
    inner: Box<dyn Requests>,
    observer: Arc<Observer>,
}

#[async_trait]
impl Requests for WatchedRequests {
    async fn next(&mut self) -> Option<RequestDelivery> {
        let inner = self.inner.next().await?;
        let envelope = inner.envelope().clone();
        Some(RequestDelivery::new(envelope, Box::new(Answering { inner, ended: self.observer.moving() })))
    }

    async fn close(self: Box<Self>) {
        self.inner.close().await;
        self.observer.moved();
    }
}

/// A request in a node's hands. Its end is told after `inner` has gone, so the order of the fields matters.
struct Answering {
    inner: RequestDelivery,
    ended: Moving,
}

#[async_trait]
impl Responder for Answering {
    async fn still_working(&self) {
        self.inner.still_working().await;
    }

    async fn reply(self: Box<Self>, reply: Reply) -> Result<()> {
        let Self { inner, ended } = *self;
        let outcome = inner.reply(reply).await;
        drop(ended);
        outcome
    }
}

struct WatchedDeliveries {
    inner: Box<dyn Deliveries>,
    observer: Arc<Observer>,
}

#[async_trait]
impl Deliveries for WatchedDeliveries {
    async fn next(&mut self) -> Option<Arrival> {
        Some(match self.inner.next().await? {
            Arrival::CaughtUp => Arrival::CaughtUp,
            Arrival::Delivery(inner) => {
                let (envelope, attempt, sequence) = (inner.envelope().clone(), inner.attempt(), inner.sequence());
                let settling = Box::new(Settling { inner, ended: self.observer.moving() });
                Arrival::Delivery(Delivery::new(envelope, attempt, sequence, settling))
            }
        })
    }

    fn missed(&self) -> u64 {
        self.inner.missed()
    }

    async fn close(self: Box<Self>) {
        self.inner.close().await;
        self.observer.moved();
    }
}

/// A delivery in a node's hands. Its end is told after `inner` has gone, so the order of the fields matters.
struct Settling {
    inner: Delivery,
    ended: Moving,
}

impl Settling {
    /// The delivery, whose end is told when the other value is dropped.
    fn ending(self) -> (Delivery, Moving) {
        self.ended.moved();
        (self.inner, self.ended)
    }
}

#[async_trait]
impl Settlement for Settling {
    async fn still_working(&self) -> Result<()> {
        self.inner.still_working().await
    }

    fn patience(&self) -> Option<Duration> {
        self.inner.patience()
    }

    fn longest_delay(&self) -> Option<Duration> {
        self.inner.longest_delay()
    }

    async fn settle(self: Box<Self>) -> Result<()> {
        let (inner, _ended) = self.ending();
        inner.settle().await
    }

    async fn retry_after(self: Box<Self>, delay: Duration) -> Result<()> {
        let (inner, _ended) = self.ending();
        inner.retry_after(delay).await
    }

    async fn dead(self: Box<Self>, reason: &str) -> Result<()> {
        let (inner, _ended) = self.ending();
        inner.dead(reason).await
    }
}
