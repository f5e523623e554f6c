use crate::envelope::{Text, UserHeaders};
use crate::message::MessageId;
use crate::runtime::Instant;

/// What is known of a message beyond its body, where anything is: options of its sender, or the headers of its envelope.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) id: Option<MessageId>,
    pub(crate) correlation: Option<MessageId>,
    pub(crate) causation: Option<MessageId>,
    pub(crate) headers: UserHeaders,
    pub(crate) key: Option<Text>,
    pub(crate) principal: Option<Text>,
    pub(crate) deadline: Option<Instant>,
    pub(crate) attempt: u32,
    /// Whether a mark was begun for it.
    pub(crate) begun: bool,
}
