use std::fmt;

use async_trait::async_trait;

use crate::envelope::{Envelope, Reply};
use crate::error::Result;

/// What comes back for one request. Dropping it says that nobody waits any longer; it frees what the transport keeps for the request.
#[async_trait]
pub trait Replies: Send {
    /// The next frame: any number of [`Frame::Working`], then one [`Frame::Reply`], after which it isn't called again. Cancel safe.
    ///
    /// # Errors
    ///
    /// No reply will come. [`Timeout`](crate::Code::Timeout): the time is up and no node got the request, for sure;
    /// [`Unavailable`](crate::Code::Unavailable): the nodes left before one got it, for sure;
    /// [`OutcomeUnknown`](crate::Code::OutcomeUnknown): the time is up, or the node that got it is known to be gone.
    async fn next(&mut self) -> Result<Frame>;
}

/// One sign from the node that got a request.
#[derive(Clone, Debug)]
pub enum Frame {
    /// It has the request and lives. Signs that nobody has read yet may be merged into one.
    Working,
    /// Its answer, which may be an error of the handler.
    Reply(Reply),
}

/// The requests that arrive at one node.
///
/// Dropping it without [`close`](Self::close) looks like the node's death.
#[async_trait]
pub trait Requests: Send {
    /// The next one; `None` when it was closed or the member has left. Cancel safe.
    async fn next(&mut self) -> Option<RequestDelivery>;

    /// Takes nothing more; what waits here goes to other nodes at once, or its caller is told that nothing ran.
    async fn close(self: Box<Self>);
}

/// A request that arrived at this node; consumed by its answer.
///
/// Dropped unanswered it isn't delivered again, since its handler may have run: its caller gets
/// [`OutcomeUnknown`](crate::Code::OutcomeUnknown), at the latest when its time is up.
pub struct RequestDelivery {
    envelope: Envelope,
    responder: Box<dyn Responder>,
}

impl RequestDelivery {
    /// For transports: this envelope, answered by `responder`.
    pub fn new(envelope: Envelope, responder: Box<dyn Responder>) -> Self {
        Self { envelope, responder }
    }

    /// The request.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// Shows the caller that the request is in good hands. Nothing happens if that doesn't reach it.
    pub async fn still_working(&self) {
        self.responder.still_working().await;
    }

    /// Answers. An answer that comes too late reaches nobody, which is no error.
    ///
    /// # Errors
    ///
    /// [`TooLarge`](crate::Code::TooLarge): the transport can't carry it, and its caller is told so instead;
    /// [`Unavailable`](crate::Code::Unavailable): it couldn't be sent.
    pub async fn reply(self, reply: Reply) -> Result<()> {
        self.responder.reply(reply).await
    }
}

impl fmt::Debug for RequestDelivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestDelivery").field("envelope", &self.envelope).finish_non_exhaustive()
    }
}

/// How a transport brings answers back; the methods are those of [`RequestDelivery`].
#[async_trait]
pub trait Responder: Send + Sync {
    /// See [`RequestDelivery::still_working`].
    async fn still_working(&self);

    /// See [`RequestDelivery::reply`].
    async fn reply(self: Box<Self>, reply: Reply) -> Result<()>;
}
