use std::sync::Arc;

use async_trait::async_trait;
use catga_core::envelope::Reply;
use catga_core::runtime::{self, Instant};
use catga_core::transport::{Frame, Replies, RequestDelivery, Requests, Responder};
use catga_core::{Error, Result};

use super::broker::Broker;
use crate::world::{Fault, Life, Method, OUTSIDE, Seam, World};

/// The caller's end of a request.
pub(super) struct NodeReplies {
    pub(super) broker: Arc<Broker>,
    pub(super) life: Life,
    pub(super) deadline: Instant,
    /// `None` if the request was lost.
    pub(super) inner: Option<Box<dyn Replies>>,
}

#[async_trait]
impl Replies for NodeReplies {
    async fn next(&mut self) -> Result<Frame> {
        let (world, life, deadline) = (self.broker.world.clone(), self.life, self.deadline);
        world.pass(life, Method::NextFrame, false).await;
        let frame = runtime::until(Some(deadline), self.frame(&world)).await;
        world.pass(life, Method::NextFrame, true).await;
        frame.unwrap_or_else(|| Err(no_reply()))
    }
}

impl NodeReplies {
    async fn frame(&mut self, world: &Arc<World>) -> Result<Frame> {
        loop {
            let Some(inner) = &mut self.inner else { return std::future::pending().await };
            let frame = world.outside(inner.next()).await?;
            let is_lost = world.strikes(self.life, Fault::ReplyLost, world.profile.reply_lost)
                || world.cut_until(self.life, Seam::Broker).is_some();
            match frame {
                Frame::Working if is_lost => (),
                // Nothing more comes.
                Frame::Reply(_) if is_lost => self.inner = None,
                frame => return Ok(frame),
            }
        }
    }
}

impl Drop for NodeReplies {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take() {
            self.broker.world.let_go(self.life, inner);
        }
    }
}

fn no_reply() -> Error {
    Error::outcome_unknown("simulated: no reply came in time")
}

/// The requests that arrive at one node.
pub(super) struct NodeRequests {
    pub(super) broker: Arc<Broker>,
    pub(super) life: Life,
    pub(super) inner: Option<Box<dyn Requests>>,
    /// One that has arrived, and isn't handed out yet.
    pub(super) waiting: Option<RequestDelivery>,
}

#[async_trait]
impl Requests for NodeRequests {
    async fn next(&mut self) -> Option<RequestDelivery> {
        if self.waiting.is_some() {
            return self.hand_over().await;
        }
        let (broker, life) = (self.broker.clone(), self.life);
        let world = &broker.world;
        loop {
            world.pass(life, Method::NextRequest, false).await;
            let request = world.outside(self.inner.as_mut()?.next()).await?;
            world.acted();
            let envelope = request.envelope().clone();
            let answering = Answering { broker: broker.clone(), life, inner: Some(request) };
            if world.strikes(life, Fault::RequestLost, world.profile.request_lost) {
                world.keep_for_a_while(answering);
                continue;
            }
            world.note(life, 6, || format!("a request arrives: {} {}", envelope.name, envelope.id));
            self.waiting = Some(RequestDelivery::new(envelope, Box::new(answering)));
            return self.hand_over().await;
        }
    }

    async fn close(mut self: Box<Self>) {
        if let Some(inner) = self.inner.take() {
            inner.close().await;
        }
    }
}

impl NodeRequests {
    /// Hands out what waits, when it gets through.
    async fn hand_over(&mut self) -> Option<RequestDelivery> {
        let world = &self.broker.world;
        let latency = world.latency();
        if !latency.is_zero() {
            runtime::sleep(latency).await;
        }
        while let Some(until) = world.cut_until(self.life, Seam::Broker) {
            runtime::sleep(until - runtime::now()).await;
        }
        world.pass(self.life, Method::NextRequest, true).await;
        self.waiting.take()
    }
}

impl Drop for NodeRequests {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take() {
            self.broker.world.let_go(self.life, inner);
        }
    }
}

/// A request at its node.
struct Answering {
    broker: Arc<Broker>,
    life: Life,
    inner: Option<RequestDelivery>,
}

impl Answering {
    /// Whether what it says now doesn't get through.
    fn is_lost(&self) -> bool {
        let world = &self.broker.world;
        world.cut_until(self.life, Seam::Broker).is_some()
            || world.strikes(self.life, Fault::ReplyLost, world.profile.reply_lost)
    }
}

#[async_trait]
impl Responder for Answering {
    async fn still_working(&self) {
        let world = &self.broker.world;
        world.pass(self.life, Method::StillWorkingOn, false).await;
        if !self.is_lost()
            && let Some(inner) = &self.inner
        {
            world.outside(inner.still_working()).await;
        }
    }

    async fn reply(mut self: Box<Self>, reply: Reply) -> Result<()> {
        let world = self.broker.world.clone();
        world.pass(self.life, Method::Reply, false).await;
        let Some(inner) = self.inner.take() else { return Ok(()) };
        if self.is_lost() {
            world.keep_for_a_while(inner);
        } else {
            let (late, latency) = (world.clone(), world.latency());
            let on_its_way = async move {
                runtime::sleep(latency).await;
                // Late answers reach nobody.
                drop(late.outside(inner.reply(reply)).await);
            };
            if latency.is_zero() {
                on_its_way.await;
            } else {
                world.within(OUTSIDE, || runtime::spawn(on_its_way));
            }
        }
        world.pass(self.life, Method::Reply, true).await;
        world.note(self.life, 7, || "replied".to_owned());
        Ok(())
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take() {
            self.broker.world.let_go(self.life, inner);
        }
    }
}
