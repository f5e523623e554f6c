use crate::context::{Outgoing, Route};
use crate::envelope::{Envelope, OnlyFor, Text};
use crate::error::{Error, Result, WireError};
use crate::handler::HandlerInfo;
use crate::mediator::Home;
use crate::message::{Kind, MessageId};
use crate::persistence::{DeadLetter, LetterId};
use crate::runtime;

/// Whether a message that arrived at this node is for this handler; an event that comes again after it failed is for one handler alone.
///
/// A command has one handler anyway, which may be called otherwise by now, or be another service's: settled unhandled, it would be lost.
pub(super) fn is_for(envelope: &Envelope, handler: &HandlerInfo, home: &Home) -> bool {
    let Some(only) = envelope.headers().only_for.as_ref().filter(|_| envelope.kind == Kind::Event) else { return true };
    *only.service == *home.service()
        && *only.handler == *handler.identity()
        && only.node.as_deref().is_none_or(|node| node == home.node_name())
}

/// A message that comes again, for one handler of this service alone: the same message, but a new delivery, so that no broker takes it for a
/// double.
///
/// # Errors
///
/// None that is known: the names were checked where they were given.
pub(crate) fn again(envelope: &Envelope, service: &str, id: &LetterId) -> Result<Outgoing> {
    let mut envelope = envelope.clone();
    let headers = envelope.headers_mut();
    headers.delivery_id = Some(MessageId::new());
    if id.handler != UNSENT {
        headers.only_for = Some(OnlyFor {
            service: Text::new(service)?,
            handler: Text::new(&*id.handler)?,
            node: id.node.as_deref().map(Text::new).transpose()?,
        });
    }
    let route = match envelope.kind {
        Kind::Event => Route::Publish,
        Kind::Command | Kind::Query => Route::Enqueue { delay: None },
    };
    Ok(Outgoing { envelope, route })
}

/// In place of a handler, for what never left the outbox; no handler's identity lacks a `/`.
const UNSENT: &str = "outbox";

/// What is kept of a message that the transport refuses for good.
pub(super) fn unsent(envelope: &Envelope, error: &Error, node: &str) -> DeadLetter {
    let id = LetterId { handler: UNSENT.to_owned(), node: None, message: envelope.id };
    letter_of(id, envelope, error, 0, node)
}

/// What names a message that one handler failed to handle.
pub(super) fn id_of(envelope: &Envelope, handler: &HandlerInfo, node: &str) -> LetterId {
    let node = handler.is_on_every_node().then(|| node.to_owned());
    LetterId { handler: handler.identity(), node, message: envelope.id }
}

/// What is kept of a message that one handler has given up.
pub(super) fn letter(
    envelope: &Envelope,
    handler: &HandlerInfo,
    error: &Error,
    attempts: u32,
    node: &str,
) -> DeadLetter {
    letter_of(id_of(envelope, handler, node), envelope, error, attempts, node)
}

fn letter_of(id: LetterId, envelope: &Envelope, error: &Error, attempts: u32, node: &str) -> DeadLetter {
    let now = runtime::unix_millis();
    let (envelope, error) = (envelope.clone(), WireError::from(error));
    DeadLetter { id, envelope, error, attempts, first: now, last: now, node: node.to_owned() }
}
