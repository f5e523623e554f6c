use std::sync::{Arc, Mutex, PoisonError};

use crate::envelope::Envelope;
use crate::message::MessageId;
use crate::recent::Recent;

use super::super::handling::Under;
use super::super::progress::Progress;

/// How many events are remembered by each handler that every node runs, so that doubles are dropped.
const REMEMBERED: usize = 65_536;

/// What a handler of this node remembers of the events that it is through with.
pub(super) enum Memory {
    /// The last deliveries, while the node lives: one that was given up, and is replayed, is another one.
    Recent(Mutex<Recent<MessageId, ()>>),
    /// All, by its position in the stream.
    Position(Arc<Progress>),
}

impl Memory {
    pub(super) fn recent() -> Self {
        Self::Recent(Mutex::new(Recent::new(REMEMBERED)))
    }

    /// Whether the handler is through with this event. If it isn't, it has arrived now.
    pub(super) async fn has(&self, event: &Envelope, sequence: u64) -> bool {
        match self {
            Self::Recent(recent) => {
                recent.lock().unwrap_or_else(PoisonError::into_inner).get(&event.delivery_id()).is_some()
            }
            Self::Position(progress) => progress.has(sequence).await,
        }
    }

    /// The handler is through with this event.
    pub(super) async fn note(&self, event: &Envelope, sequence: u64) {
        match self {
            Self::Recent(recent) => {
                recent.lock().unwrap_or_else(PoisonError::into_inner).remember(event.delivery_id(), ());
            }
            Self::Position(progress) => progress.note(sequence).await,
        }
    }

    /// What an attempt is committed under.
    pub(super) fn under(&self, sequence: u64) -> Under<'_> {
        match self {
            Self::Recent(_) => Under::Nothing,
            Self::Position(progress) => Under::Position(progress, sequence),
        }
    }

    /// Saves what isn't saved yet, as far as the store is there.
    pub(super) async fn save(&self) {
        if let Self::Position(progress) = self {
            progress.save().await;
        }
    }
}
