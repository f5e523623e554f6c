//! A transport whose other side is played by the test.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use catga_core::envelope::{Answer, Envelope, Reply};
use catga_core::transport::{
    Deliveries, Frame, Link, Member, Replies, RequestDelivery, Requests, Subscription, Transport,
};
use catga_core::{Catga, Error, Node, Request, Result};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// A node over a transport that the test plays, and the test's end.
pub(crate) async fn caller() -> (Node, Peer) {
    let (asking, asked) = mpsc::channel(256);
    let node = Catga::builder("front").handlers([]).transport(Scripted(asking)).start().await.unwrap();
    (node, Peer { asked, begun: Instant::now() })
}

/// Where requests arrive.
pub(crate) struct Peer {
    asked: mpsc::Receiver<Asked>,
    begun: Instant,
}

impl Peer {
    /// The next request that is sent, and after how long, in milliseconds.
    pub(crate) async fn next(&mut self) -> (u128, Asked) {
        let asked = self.asked.recv().await.expect("the caller is there");
        (self.begun.elapsed().as_millis(), asked)
    }

    /// The next one, taken.
    pub(crate) async fn take(&mut self) -> (u128, Taken) {
        let (at, asked) = self.next().await;
        (at, asked.take())
    }

    pub(crate) fn is_quiet(&mut self) -> bool {
        self.asked.try_recv().is_err()
    }
}

/// A request that was sent.
pub(crate) struct Asked {
    pub(crate) envelope: Envelope,
    pub(crate) within: Duration,
    took: oneshot::Sender<Result<()>>,
    frames: mpsc::Sender<Result<Frame>>,
}

impl Asked {
    /// Which sending it says that it is.
    pub(crate) fn attempt(&self) -> u32 {
        self.envelope.headers().attempt.map_or(1, |nth| nth.get())
    }

    pub(crate) fn take(self) -> Taken {
        self.took.send(Ok(())).unwrap();
        Taken { envelope: self.envelope, frames: self.frames }
    }

    pub(crate) fn refuse(self, error: Error) {
        self.took.send(Err(error)).unwrap();
    }
}

/// A request that a node has.
pub(crate) struct Taken {
    pub(crate) envelope: Envelope,
    frames: mpsc::Sender<Result<Frame>>,
}

impl Taken {
    pub(crate) fn attempt(&self) -> u32 {
        self.envelope.headers().attempt.map_or(1, |nth| nth.get())
    }

    pub(crate) fn sign(&self) {
        self.frames.try_send(Ok(Frame::Working)).unwrap();
    }

    pub(crate) fn answer<R: Request>(&self, response: &R::Response) {
        let answer = Answer::of::<R>(response, self.envelope.codec, Default::default()).unwrap();
        self.frames.try_send(Ok(Frame::Reply(Reply::Done(answer)))).unwrap();
    }

    pub(crate) fn fail(&self, error: Error) {
        self.frames.try_send(Ok(Frame::Reply(Reply::Failed(error)))).unwrap();
    }

    /// The transport says that no reply will come.
    pub(crate) fn end(&self, error: Error) {
        self.frames.try_send(Err(error)).unwrap();
    }

    /// Whether nobody waits for it any longer.
    pub(crate) fn is_forgotten(&self) -> bool {
        self.frames.is_closed()
    }
}

struct Scripted(mpsc::Sender<Asked>);

#[async_trait::async_trait]
impl Transport for Scripted {
    async fn join(&self, _: Member) -> Result<Arc<dyn Link>> {
        Ok(Arc::new(ScriptedLink(self.0.clone())))
    }
}

struct ScriptedLink(mpsc::Sender<Asked>);

#[async_trait::async_trait]
impl Link for ScriptedLink {
    async fn request(&self, envelope: Envelope, within: Duration) -> Result<Box<dyn Replies>> {
        let (took, taken) = oneshot::channel();
        let (frames, receiver) = mpsc::channel(256);
        let deadline = Instant::now() + within;
        self.0.try_send(Asked { envelope, within, took, frames }).map_err(|_| away())?;
        taken.await.map_err(|_| away())??;
        Ok(Box::new(Frames { receiver, deadline }))
    }

    async fn requests(&self, _: &str, _: NonZeroUsize) -> Result<Box<dyn Requests>> {
        Ok(Box::new(Nothing))
    }

    async fn enqueue(&self, _: Envelope, _: Duration) -> Result<()> {
        Err(away())
    }

    async fn publish(&self, events: Vec<Envelope>) -> Vec<Result<()>> {
        events.iter().map(|_| Err(away())).collect()
    }

    async fn subscribe(&self, _: Subscription) -> Result<Box<dyn Deliveries>> {
        Err(away())
    }

    async fn health(&self) -> Result<()> {
        Ok(())
    }

    async fn leave(&self) -> Result<()> {
        Ok(())
    }
}

fn away() -> Error {
    Error::unavailable("the script doesn't say so")
}

struct Nothing;

#[async_trait::async_trait]
impl Requests for Nothing {
    async fn next(&mut self) -> Option<RequestDelivery> {
        None
    }

    async fn close(self: Box<Self>) {}
}

/// What comes back: what the script sends, and at the deadline that nobody knows.
struct Frames {
    receiver: mpsc::Receiver<Result<Frame>>,
    deadline: Instant,
}

#[async_trait::async_trait]
impl Replies for Frames {
    async fn next(&mut self) -> Result<Frame> {
        tokio::select! {
            biased;
            Some(frame) = self.receiver.recv() => frame,
            () = tokio::time::sleep_until(self.deadline) => Err(Error::outcome_unknown("no answer in time")),
        }
    }
}
