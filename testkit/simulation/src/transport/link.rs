use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use catga_core::envelope::Envelope;
use catga_core::message::MessageId;
use catga_core::runtime;
use catga_core::transport::{Deliveries, Link, Member, Replies, Requests, Source, Subscription, Transport};
use catga_core::{Code, Error, Result};
use uuid::Uuid;

use super::broker::Broker;
use super::deliveries::NodeDeliveries;
use super::requests::{NodeReplies, NodeRequests};
use crate::sabotage::Sabotage;
use crate::world::{Fault, Life, Loss, Method, Seam, World};

/// One node's way to the broker.
pub(crate) struct NodeTransport {
    pub(crate) broker: Arc<Broker>,
    pub(crate) life: Life,
}

#[async_trait]
impl Transport for NodeTransport {
    async fn join(&self, member: Member) -> Result<Arc<dyn Link>> {
        let (world, life) = (&self.broker.world, self.life);
        loop {
            let inner = self.broker.inner.clone();
            let as_member = member.clone();
            let join = async move { inner.join(as_member).await };
            match world.call(life, (Seam::Broker, Method::Join), Loss::Nothing, join).await {
                // Whoever had the name is dead, and the broker will notice.
                Err(error) if error.code() == Code::Conflict && world.unnoticed_until(member.node()).is_some() => {
                    runtime::sleep(Duration::from_millis(100)).await;
                }
                Err(error) => return Err(error),
                Ok(inner) => {
                    let service = member.service().to_owned();
                    return Ok(Arc::new(NodeLink { broker: self.broker.clone(), life, inner: Some(inner), service }));
                }
            }
        }
    }
}

struct NodeLink {
    broker: Arc<Broker>,
    life: Life,
    /// There until this is dropped.
    inner: Option<Arc<dyn Link>>,
    service: String,
}

impl NodeLink {
    fn world(&self) -> &Arc<World> {
        &self.broker.world
    }

    fn inner(&self) -> Result<Arc<dyn Link>> {
        self.inner.clone().ok_or_else(|| Error::internal("simulated: the link was dropped"))
    }

    /// A request as it is sent; without a sabotage, as it is.
    fn sabotaged(&self, mut envelope: Envelope) -> Envelope {
        if self.world().is_sabotaged(Sabotage::ResendWithoutPersistence) {
            envelope.headers_mut().attempt = None;
        }
        if self.world().is_sabotaged(Sabotage::ChildIdWithoutBody)
            && let Some(parent) = envelope.headers().causation_id
        {
            envelope.id = MessageId::from_uuid(Uuid::from_u128(!parent.as_uuid().as_u128()));
            envelope.headers_mut().identity = None;
        }
        envelope
    }

    async fn call<T: Send + 'static>(
        &self,
        method: Method,
        loss: Loss,
        call: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        self.world().call(self.life, (Seam::Broker, method), loss, call).await
    }
}

#[async_trait]
impl Link for NodeLink {
    async fn request(&self, envelope: Envelope, within: Duration) -> Result<Box<dyn Replies>> {
        let (inner, envelope) = (self.inner()?, self.sabotaged(envelope));
        let (broker, life, deadline) = (self.broker.clone(), self.life, runtime::after(within));
        let is_lost = self.world().strikes(life, Fault::RequestLost, self.world().profile.request_lost);
        let ask = async move { if is_lost { Ok(None) } else { inner.request(envelope, within).await.map(Some) } };
        let inner = self.call(Method::Request, Loss::Unknown, ask).await?;
        Ok(Box::new(NodeReplies { broker, life, deadline, inner }))
    }

    async fn requests(&self, request: &str, in_flight: NonZeroUsize) -> Result<Box<dyn Requests>> {
        let inner = self.inner()?;
        let request = request.to_owned();
        let open = async move { inner.requests(&request, in_flight).await };
        let inner = self.call(Method::RequestsOpen, Loss::Nothing, open).await?;
        Ok(Box::new(NodeRequests { broker: self.broker.clone(), life: self.life, inner: Some(inner), waiting: None }))
    }

    async fn enqueue(&self, envelope: Envelope, delay: Duration) -> Result<()> {
        let (inner, broker) = (self.inner()?, self.broker.clone());
        let store = async move {
            broker.world.due_in(delay);
            let envelope = broker.stores(envelope);
            inner.enqueue(envelope, delay).await
        };
        self.call(Method::Enqueue, Loss::Unknown, store).await
    }

    async fn publish(&self, events: Vec<Envelope>) -> Vec<Result<()>> {
        let inner = match self.inner() {
            Ok(inner) => inner,
            Err(error) => return vec![Err(error); events.len()],
        };
        let (broker, count, life) = (self.broker.clone(), events.len(), self.life);
        let store = async move {
            let mut outcomes = Vec::with_capacity(events.len());
            for event in events {
                // One of a batch may fail alone.
                if broker.world.strikes(life, Fault::Refused, broker.world.profile.refused) {
                    outcomes.push(Err(Error::unavailable("simulated: this one wasn't stored")));
                } else {
                    outcomes.extend(inner.publish(vec![broker.stores(event)]).await);
                }
            }
            Ok(outcomes)
        };
        match self.call(Method::Publish, Loss::Unknown, store).await {
            Ok(outcomes) => outcomes,
            Err(error) => vec![Err(error); count],
        }
    }

    async fn subscribe(&self, subscription: Subscription) -> Result<Box<dyn Deliveries>> {
        let inner = self.inner()?;
        let is_own = matches!(subscription.source, Source::Node { .. });
        let name: Arc<str> = match &subscription.source {
            Source::Work { command } => format!("work of {command}"),
            Source::Service { event, handler } => format!("{event} for {handler} of {}", self.service),
            Source::Node { start, events } => format!("{events:?} {start:?} of #{}", self.life.0),
        }
        .into();
        let open = async move { inner.subscribe(subscription).await };
        let inner = self.call(Method::Subscribe, Loss::Nothing, open).await?;
        let link = self.inner()?;
        Ok(Box::new(NodeDeliveries {
            broker: self.broker.clone(),
            life: self.life,
            name,
            is_own,
            inner: Some(inner),
            waiting: None,
            link,
        }))
    }

    async fn health(&self) -> Result<()> {
        let inner = self.inner()?;
        self.call(Method::LinkHealth, Loss::Nothing, async move { inner.health().await }).await
    }

    async fn leave(&self) -> Result<()> {
        let inner = self.inner()?;
        self.call(Method::Leave, Loss::Nothing, async move { inner.leave().await }).await
    }
}

impl Drop for NodeLink {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take() {
            self.broker.world.let_go(self.life, inner);
        }
    }
}
