use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use catga_core::Result;
use catga_core::envelope::Envelope;
use catga_core::message::MessageId;
use catga_core::runtime;
use catga_core::transport::{Arrival, Deliveries, Delivery, Link, Settlement};

use super::broker::Broker;
use crate::sabotage::Sabotage;
use crate::world::{Fault, Life, Loss, Method, OUTSIDE, Seam};

/// One node's end of a subscription.
pub(super) struct NodeDeliveries {
    pub(super) broker: Arc<Broker>,
    pub(super) life: Life,
    /// Which one, for all who compete.
    pub(super) name: Arc<str>,
    /// Whether it is the node's own.
    pub(super) is_own: bool,
    pub(super) inner: Option<Box<dyn Deliveries>>,
    /// One that has arrived, and isn't handed out yet: whoever stops waiting for it loses nothing.
    pub(super) waiting: Option<Delivery>,
    pub(super) link: Arc<dyn Link>,
}

#[async_trait]
impl Deliveries for NodeDeliveries {
    async fn next(&mut self) -> Option<Arrival> {
        if self.waiting.is_some() {
            return self.hand_over().await;
        }
        let (broker, life) = (self.broker.clone(), self.life);
        let world = &broker.world;
        loop {
            world.pass(life, Method::NextArrival, false).await;
            let delivery = match world.outside(self.inner.as_mut()?.next()).await? {
                Arrival::Delivery(delivery) => delivery,
                Arrival::CaughtUp => return Some(Arrival::CaughtUp),
            };
            world.acted();
            let Some(delivery) = self.on_its_way(delivery).await else { continue };
            let arrived = match world.is_sabotaged(Sabotage::AckBeforeCommit) {
                true => self.acknowledge(delivery).await,
                false => self.arrive(delivery),
            };
            world.note(life, 4, || format!("arrives: {} {}", arrived.envelope().name, arrived.envelope().id));
            self.waiting = Some(arrived);
            return self.hand_over().await;
        }
    }

    fn missed(&self) -> u64 {
        self.inner.as_ref().map_or(0, |inner| inner.missed())
    }

    async fn close(mut self: Box<Self>) {
        if let Some(inner) = self.inner.take() {
            inner.close().await;
        }
    }
}

impl NodeDeliveries {
    /// Hands out what waits, when it gets through.
    async fn hand_over(&mut self) -> Option<Arrival> {
        let world = &self.broker.world;
        let latency = world.latency();
        if !latency.is_zero() {
            runtime::sleep(latency).await;
        }
        while let Some(until) = world.cut_until(self.life, Seam::Broker) {
            runtime::sleep(until - runtime::now()).await;
        }
        world.pass(self.life, Method::NextArrival, true).await;
        self.waiting.take().map(Arrival::Delivery)
    }

    /// A delivery, unless it is lost or overtaken; then it comes again by itself.
    async fn on_its_way(&mut self, delivery: Delivery) -> Option<Delivery> {
        let world = &self.broker.world;
        // Nothing overtakes what a node's own subscription hands out for the first time.
        if self.is_own && delivery.attempt() == 1 {
            return Some(delivery);
        }
        let comes_after = if world.strikes(self.life, Fault::DeliveryLost, world.profile.delivery_lost) {
            self.broker.patience()
        } else if world.strikes(self.life, Fault::Overtaken, world.profile.overtaken) {
            world.draw(|chance| chance.millis(1, 300))
        } else {
            return Some(delivery);
        };
        world.due_in(comes_after);
        // It is the broker's own and can't fail.
        drop(world.outside(delivery.retry_after(comes_after)).await);
        None
    }

    /// Settles a delivery when it is handed out.
    async fn acknowledge(&mut self, delivery: Delivery) -> Delivery {
        let (attempt, sequence) = (delivery.attempt(), delivery.sequence());
        let envelope = self.broker.restored(delivery.envelope());
        drop(self.broker.world.outside(delivery.settle()).await);
        Delivery::new(envelope, attempt, sequence, Box::new(Acknowledged))
    }

    fn arrive(&mut self, delivery: Delivery) -> Delivery {
        let (attempt, sequence) = (delivery.attempt(), delivery.sequence());
        let stored = delivery.envelope().delivery_id();
        let envelope = self.broker.restored(delivery.envelope());
        let number = self.broker.hand_out(self.life, &self.name, delivery);
        let settling = Settling {
            broker: self.broker.clone(),
            life: self.life,
            subscription: self.name.clone(),
            stored,
            number,
            link: self.link.clone(),
            is_told: false,
        };
        Delivery::new(envelope, attempt, sequence, Box::new(settling))
    }
}

impl Drop for NodeDeliveries {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take() {
            self.broker.world.let_go(self.life, inner);
        }
    }
}

/// A delivery at its node.
struct Settling {
    broker: Arc<Broker>,
    life: Life,
    subscription: Arc<str>,
    /// The delivery id under which it is stored.
    stored: MessageId,
    number: u64,
    link: Arc<dyn Link>,
    /// Whether something was said of it to the broker, which may not have heard it.
    is_told: bool,
}

impl Settling {
    async fn call(
        &self,
        method: Method,
        loss: Loss,
        call: impl Future<Output = Result<()>> + Send + 'static,
    ) -> Result<()> {
        self.broker.world.call(self.life, (Seam::Broker, method), loss, call).await
    }

    /// Ends it for good, as late as it may be.
    fn end(&self) -> impl Future<Output = Result<()>> + Send + use<> {
        let (broker, life, number) = (self.broker.clone(), self.life, self.number);
        let (subscription, stored) = (self.subscription.clone(), self.stored);
        async move {
            let world = &broker.world;
            match broker.end(number) {
                Ok(delivery) => delivery.settle().await,
                Err(given_away) => {
                    if world.strikes(life, Fault::SettledLate, world.profile.settled_late)
                        && let Some(other) = broker.end_another(&subscription, stored)
                    {
                        return other.settle().await;
                    }
                    Err(given_away)
                }
            }
        }
    }

    /// Makes the message another one that comes after a while.
    async fn forget(broker: Arc<Broker>, delivery: Delivery, link: Arc<dyn Link>, delay: Duration) -> Result<()> {
        let old = delivery.envelope();
        let mut new = Envelope::new(MessageId::new(), old.name.clone(), old.kind, old.codec, old.body.clone());
        *new.headers_mut() = old.headers().clone();
        new.headers_mut().delivery_id = None;
        delivery.settle().await?;
        broker.world.note(OUTSIDE, 5, || format!("SABOTAGE: a retry of {} goes by another id", new.name));
        link.enqueue(new, delay).await
    }
}

#[async_trait]
impl Settlement for Settling {
    async fn still_working(&self) -> Result<()> {
        let (broker, number) = (self.broker.clone(), self.number);
        self.call(Method::StillWorking, Loss::Nothing, async move { broker.hear(number) }).await
    }

    fn patience(&self) -> Option<Duration> {
        Some(self.broker.patience())
    }

    fn longest_delay(&self) -> Option<Duration> {
        self.broker.world.profile.longest_delay.map(Duration::from_millis)
    }

    async fn settle(mut self: Box<Self>) -> Result<()> {
        self.is_told = true;
        self.call(Method::SettleDelivery, Loss::Unknown, self.end()).await
    }

    async fn retry_after(mut self: Box<Self>, delay: Duration) -> Result<()> {
        self.is_told = true;
        let (broker, number, link) = (self.broker.clone(), self.number, self.link.clone());
        let is_work = self.subscription.starts_with("work of ");
        let put_off = async move {
            let delivery = broker.end(number)?;
            let delay =
                broker.world.profile.longest_delay.map_or(delay, |longest| delay.min(Duration::from_millis(longest)));
            broker.world.due_in(delay);
            if broker.world.is_sabotaged(Sabotage::RetryForgetsId) && is_work {
                return Self::forget(broker, delivery, link, delay).await;
            }
            delivery.retry_after(delay).await
        };
        // The broker wasn't told: that is all that may be said of a lost one.
        self.call(Method::RetryAfter, Loss::Nothing, put_off).await
    }

    async fn dead(mut self: Box<Self>, reason: &str) -> Result<()> {
        self.is_told = true;
        let (broker, end, number) = (self.broker.clone(), self.end(), self.number);
        let reason = reason.to_owned();
        let given_up = async move {
            let envelope = broker.envelope_of(number);
            end.await?;
            if let Some(envelope) = envelope {
                broker.give_up(envelope, &reason);
            }
            Ok(())
        };
        self.call(Method::Dead, Loss::Unknown, given_up).await
    }
}

impl Drop for Settling {
    fn drop(&mut self) {
        // Of one that the broker may know settled it hears no more; it gives it away if it doesn't know that.
        if !self.is_told {
            self.broker.world.let_go(self.life, GivenBack { broker: self.broker.clone(), number: self.number });
        }
    }
}

/// Gives a delivery back when it is dropped.
struct GivenBack {
    broker: Arc<Broker>,
    number: u64,
}

impl Drop for GivenBack {
    fn drop(&mut self) {
        self.broker.give_away(self.number);
    }
}

/// A delivery of which the broker wants to hear nothing more.
struct Acknowledged;

#[async_trait]
impl Settlement for Acknowledged {
    async fn still_working(&self) -> Result<()> {
        Ok(())
    }

    fn patience(&self) -> Option<Duration> {
        None
    }

    fn longest_delay(&self) -> Option<Duration> {
        None
    }

    async fn settle(self: Box<Self>) -> Result<()> {
        Ok(())
    }

    async fn retry_after(self: Box<Self>, _: Duration) -> Result<()> {
        Ok(())
    }

    async fn dead(self: Box<Self>, _: &str) -> Result<()> {
        Ok(())
    }
}
