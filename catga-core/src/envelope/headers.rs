use std::{num::NonZero, time::Duration};

use super::{Text, TraceContext, UserHeaders};
use crate::{codec::BodyIdentity, message::MessageId};

/// What an envelope carries beside the message. Each is absent by default, and takes no room on the wire then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Headers {
    /// The id of this delivery, where it isn't the message's: a dead letter that is replayed, a retry that was stored.
    pub delivery_id: Option<MessageId>,
    /// The id of what this message belongs to, where it isn't the message's own: that of the first message.
    pub correlation_id: Option<MessageId>,
    /// The id of the message in whose handling this one was sent.
    pub causation_id: Option<MessageId>,
    /// The caller's name for one intent.
    pub idempotency_key: Option<Text>,
    /// On whose behalf the message was sent.
    pub principal: Option<Text>,
    /// How long the sender still waits. It travels as whole milliseconds, rounded down, so that no clock but the receiver's own matters.
    pub time_left: Option<Duration>,
    /// Which sending of a request this is; absent for the first.
    pub attempt: Option<NonZero<u32>>,
    /// W3C's trace context.
    pub trace: Option<TraceContext>,
    /// The body's identity, where somebody needs it.
    pub identity: Option<BodyIdentity>,
    /// Who sent it.
    pub sender: Option<Sender>,
    /// Whom alone it is for: a dead letter that is replayed, a retry that was stored. Everybody else settles it unhandled.
    pub only_for: Option<OnlyFor>,
    /// The application's own.
    pub user: UserHeaders,
}

impl Headers {
    pub(crate) const fn none() -> Self {
        Self {
            delivery_id: None,
            correlation_id: None,
            causation_id: None,
            idempotency_key: None,
            principal: None,
            time_left: None,
            attempt: None,
            trace: None,
            identity: None,
            sender: None,
            only_for: None,
            user: UserHeaders::none(),
        }
    }
}

/// Who sent an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The service.
    pub service: Text,
    /// The node.
    pub node: Text,
}

/// The one handler that an envelope is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnlyFor {
    /// The handler's service: handlers of several services may have one identity.
    pub service: Text,
    /// The handler's identity: the message's wire name, `/`, and the first name that the handler had.
    pub handler: Text,
    /// The node, of a handler that runs on every node.
    pub node: Option<Text>,
}
