use std::time::Duration;

use crate::codec::BodyIdentity;
use crate::context::Context;
use crate::envelope::{Envelope, Text};
use crate::error::{Code, Error, Result};
use crate::mediator::{Caught, Home};
use crate::message::Kind;
use crate::node::Links;
use crate::persistence::{Mark, MarkName};

use super::claim::LEASE;
use super::endpoint::{Arrived, Came, Endpoint};

/// How long the mark of a message is kept that the broker, or a handler that runs again, can still bring: 7 days, with a day to spare.
const STORED: Duration = Duration::from_secs(8 * 24 * 60 * 60);

/// The mark of this message for this handler: that of its idempotency key, or, without one, of its id.
///
/// It is kept for as long as the message can come again, and that of a key as long as the node's builder says, if that is longer.
///
/// # Errors
///
/// The message has a key, doesn't say the identity of its body, and can't be decoded.
pub(super) async fn mark(home: &Home, links: &Links, endpoint: &dyn Endpoint, arrived: Arrived<'_>) -> Result<Mark> {
    let envelope = arrived.envelope;
    let again = comes_again_within(arrived);
    let Some(key) = key(envelope) else {
        let name = MarkName::Message { handler: endpoint.handler().clone(), id: envelope.id };
        return Ok(Mark { name, identity: envelope.headers().identity, retention: again });
    };
    let name = MarkName::Key {
        request: envelope.name.clone().into_owned(),
        principal: envelope.headers().principal.as_deref().map(str::to_owned),
        key: key.to_string(),
    };
    let identity = Some(identity(home, endpoint, envelope).await?);
    Ok(Mark { name, identity, retention: links.keep_keys_for.max(again) })
}

/// That the name of this mark was used for another body.
#[cold]
pub(super) fn reused(mark: &Mark) -> Error {
    let what = match mark.name {
        MarkName::Message { .. } => "message id",
        MarkName::Key { .. } => "idempotency key",
    };
    Error::key_reused(format!("the {what} was used before, for another body"))
}

/// Refuses what a node can't do that remembers nothing.
///
/// # Errors
///
/// The message is a command with an idempotency key, or was sent before.
pub(super) fn check_without_store(envelope: &Envelope, came: Came) -> Result<()> {
    if key(envelope).is_some() {
        return Err(no_store_for_key(&envelope.name));
    }
    let is_command = envelope.kind == Kind::Command;
    match envelope.headers().attempt {
        Some(nth) if is_command && nth.get() > 1 && matches!(came, Came::Request { .. }) => Err(sent_before(envelope)),
        _ => Ok(()),
    }
}

#[cold]
fn sent_before(envelope: &Envelope) -> Error {
    Error::outcome_unknown(format!(
        "`{}` was sent before and may have run elsewhere; this node has no persistence that would know",
        envelope.name
    ))
}

/// That nothing here remembers idempotency keys.
#[cold]
pub(crate) fn no_store_for_key(request: &str) -> Error {
    Error::validation(format!(
        "`{request}` was sent with an idempotency key, and nothing here remembers keys: give the node that handles it a store, with \
         `.persistence(…)`, or send it without a key"
    ))
}

/// Whether this error is kept as the answer: trying again under the same mark couldn't help.
pub(super) fn is_final(error: &Error) -> bool {
    match error.code() {
        // A body of another shape comes again under the same id, with names: that nothing ran is no answer. What a handler doesn't know
        // the outcome of, its next run learns.
        Code::SchemaMismatch | Code::OutcomeUnknown => false,
        _ => !error.can_retry(),
    }
}

/// The key by which this message is known, if it is by one; the key of an event or a query is only shown.
fn key(envelope: &Envelope) -> Option<&Text> {
    envelope.headers().idempotency_key.as_ref().filter(|_| envelope.kind == Kind::Command)
}

/// How long after its first delivery another one of the message may come.
fn comes_again_within(arrived: Arrived<'_>) -> Duration {
    match arrived.came {
        Came::Stored => STORED,
        // With its sender's next run, or only under its key.
        Came::Here if arrived.parent.is_some_and(Context::is_begun) => STORED,
        Came::Here => Duration::ZERO,
        // With its sender's next run as well.
        Came::Request { .. } if arrived.envelope.id.is_derived() => STORED,
        // Its sender sends it again until the deadline; what it does then isn't known before the lease has ended.
        Came::Request { within } => within.saturating_add(LEASE).min(STORED),
    }
}

/// The identity of the body, as the sender said it; a sender that can't compute it leaves that to us.
async fn identity(home: &Home, endpoint: &dyn Endpoint, envelope: &Envelope) -> Result<BodyIdentity> {
    match envelope.headers().identity {
        Some(identity) => Ok(identity),
        None => Caught::new(endpoint.info(), async { endpoint.identity(envelope, home.body_limit()) }).await,
    }
}
