use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::codec::{BodyIdentity, BodyLimit, Codec};
use crate::context::{Context, Facts, Journal};
use crate::envelope::{Answer, Envelope};
use crate::error::{Error, Result};
use crate::handler::{Given, Handler, HandlerInfo};
use crate::mediator::{Bound, Home, Route};
use crate::message::Message;
use crate::retry;
use crate::runtime::{self, Instant};

/// One handler, seen from a delivery: the only place where an envelope becomes a call.
pub(crate) trait Endpoint: Send + Sync {
    /// The handler.
    fn info(&self) -> &'static HandlerInfo;

    /// The handler's identity, spelled once.
    fn handler(&self) -> &Arc<str>;

    /// Decodes the message, runs the handler once, and encodes its response. Nothing is committed.
    fn run<'a>(&'a self, home: &'a Home, arrived: Arrived<'a>) -> Running<'a>;

    /// The identity of the body, computed from the message.
    ///
    /// # Errors
    ///
    /// The message can't be decoded.
    fn identity(&self, envelope: &Envelope, limit: BodyLimit) -> Result<BodyIdentity>;
}

/// A message for one handler.
#[derive(Clone, Copy)]
pub(crate) struct Arrived<'a> {
    pub(crate) envelope: &'a Envelope,
    /// The context of the handler on this node that sent it, if one did.
    pub(crate) parent: Option<&'a Context>,
    pub(crate) came: Came,
    /// Whether a mark was begun for it: the handler's commands are then known again when it runs again.
    pub(crate) begun: bool,
    /// Which run of the handler for this message it is, from 1.
    pub(crate) attempt: u32,
    /// By when it must be done.
    pub(crate) deadline: Option<Instant>,
    /// What the response is encoded with.
    pub(crate) codec: Codec,
}

/// How a message came to its handler, which says how it can come again.
#[derive(Clone, Copy)]
pub(crate) enum Came {
    /// The transport had stored it: for as long as it isn't settled.
    Stored,
    /// As a request from another node, or from this one by the transport: for as long as its sender waits.
    Request { within: Duration },
    /// From within this node: when its sender runs again, or gives the same key.
    Here,
}

impl From<Came> for retry::Came {
    fn from(came: Came) -> Self {
        match came {
            Came::Stored => Self::Stored,
            Came::Request { .. } | Came::Here => Self::Sent,
        }
    }
}

impl<'a> Arrived<'a> {
    /// A message that has no deadline, before its first run.
    pub(crate) fn new(envelope: &'a Envelope, came: Came) -> Self {
        Self { envelope, parent: None, came, begun: false, attempt: 1, deadline: None, codec: Codec::MessagePack }
    }

    /// A message that was stored by the transport.
    pub(crate) fn stored(envelope: &'a Envelope, attempt: u32) -> Self {
        Self { attempt, ..Self::new(envelope, Came::Stored) }
    }

    /// A request that came by the transport. One that doesn't say how long its sender waits has as long as this node would wait itself.
    pub(crate) fn request(home: &Home, envelope: &'a Envelope) -> Self {
        let usual = home.links().map_or(Duration::ZERO, |links| links.deadline);
        let within = envelope.headers().time_left.unwrap_or(usual);
        let deadline = Some(runtime::after(within));
        Self { deadline, codec: envelope.codec, ..Self::new(envelope, Came::Request { within }) }
    }

    /// Whether nobody waits for it any longer.
    pub(crate) fn is_over(&self) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= runtime::now())
    }

    /// Until when it waits for another run of the same message: until its deadline; one that was stored comes again, so it waits no longer than this.
    pub(crate) fn patience(&self) -> Instant {
        const STORED: Duration = Duration::from_secs(20);
        match (self.deadline, self.came) {
            (Some(deadline), _) => deadline,
            (None, Came::Here) => runtime::after(Duration::MAX),
            (None, Came::Stored | Came::Request { .. }) => runtime::after(STORED),
        }
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

    fn handler(&self) -> &Arc<str> {
        &self.identity
    }

    fn run<'a>(&'a self, home: &'a Home, arrived: Arrived<'a>) -> Running<'a> {
        Box::pin(async move {
            let message = match arrived.envelope.decode::<M>(home.body_limit()) {
                Ok(message) => message,
                Err(error) => return Ran::failed(error),
            };
            let mut cx = Context::lend(home, arrived.parent, self.info, Some(Box::new(facts(arrived))));
            let response = match self.attempt(cx.get(), Given::Owned(message)).await {
                Ok(response) => response,
                Err(error) => return Ran::failed(error),
            };
            let journal = cx.get_mut().take_journal().map_or_else(Journal::default, |journal| *journal);
            Ran { outcome: Answer::of::<M>(&response, arrived.codec, home.body_limit()), journal }
        })
    }

    fn identity(&self, envelope: &Envelope, limit: BodyLimit) -> Result<BodyIdentity> {
        BodyIdentity::of(&envelope.decode::<M>(limit)?, limit)
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
        begun: arrived.begun,
    }
}
