use std::future::Future;
use std::pin::Pin;

use crate::codec::Codec;
use crate::context::{Context, Facts, Journal};
use crate::envelope::{Answer, Envelope};
use crate::error::{Error, Result};
use crate::handler::{Given, Handler, HandlerInfo};
use crate::mediator::{Bound, Home, Route};
use crate::message::Message;
use crate::retry::Came;
use crate::runtime::Instant;

/// One handler, seen from a delivery: the only place where an envelope becomes a call.
pub(crate) trait Endpoint: Send + Sync {
    /// The handler.
    fn info(&self) -> &'static HandlerInfo;

    /// Decodes the message, runs the handler once, and encodes its response. Nothing is committed.
    fn run<'a>(&'a self, home: &'a Home, arrived: Arrived<'a>) -> Running<'a>;
}

/// A message for one handler.
#[derive(Clone, Copy)]
pub(crate) struct Arrived<'a> {
    pub(crate) envelope: &'a Envelope,
    pub(crate) came: Came,
    /// Which run of the handler for this message it is, from 1.
    pub(crate) attempt: u32,
    /// By when it must be done.
    pub(crate) deadline: Option<Instant>,
    /// What the response is encoded with.
    pub(crate) codec: Codec,
}

impl<'a> Arrived<'a> {
    /// A message that was stored by the transport.
    pub(crate) fn stored(envelope: &'a Envelope, attempt: u32) -> Self {
        Self { envelope, came: Came::Stored, attempt, deadline: None, codec: Codec::MessagePack }
    }

    /// A request that came by the transport.
    pub(crate) fn request(envelope: &'a Envelope, deadline: Option<Instant>) -> Self {
        Self { envelope, came: Came::Sent, attempt: 1, deadline, codec: envelope.codec }
    }
}

/// A handler's run.
pub(crate) type Running<'a> = Pin<Box<dyn Future<Output = Ran> + Send + 'a>>;

/// What came of one run.
pub(crate) struct Ran {
    pub(crate) outcome: Result<Answer>,
    /// What the handler wrote and published; nothing of a handler that failed.
    pub(crate) journal: Journal,
}

impl Ran {
    pub(crate) fn failed(error: Error) -> Self {
        Self { outcome: Err(error), journal: Journal::default() }
    }
}

impl<M: Message, H: Handler<M, Response = M::Response>> Endpoint for Bound<M, H> {
    fn info(&self) -> &'static HandlerInfo {
        self.info
    }

    fn run<'a>(&'a self, home: &'a Home, arrived: Arrived<'a>) -> Running<'a> {
        Box::pin(async move {
            let message = match arrived.envelope.decode::<M>(home.body_limit()) {
                Ok(message) => message,
                Err(error) => return Ran::failed(error),
            };
            let mut cx = Context::lend(home, None, self.info, Some(Box::new(facts(arrived))));
            let response = match self.attempt(cx.get(), Given::Owned(message)).await {
                Ok(response) => response,
                Err(error) => return Ran::failed(error),
            };
            let journal = cx.get_mut().take_journal().map_or_else(Journal::default, |journal| *journal);
            Ran { outcome: Answer::of::<M>(&response, arrived.codec, home.body_limit()), journal }
        })
    }
}

/// What a context knows of a message that came in an envelope.
fn facts(arrived: Arrived<'_>) -> Facts {
    let (envelope, headers) = (arrived.envelope, arrived.envelope.headers());
    Facts {
        id: Some(envelope.id),
        correlation: Some(envelope.correlation_id()),
        causation: headers.causation_id,
        headers: headers.user.clone(),
        key: headers.idempotency_key.clone(),
        principal: headers.principal.clone(),
        deadline: arrived.deadline,
        attempt: arrived.attempt,
    }
}
