use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::envelope::Envelope;
use crate::message::MessageId;
use crate::recent::Recent;

use super::super::handling::Under;
use super::super::progress::Progress;

/// How many deliveries each handler remembers that every node runs.
const REMEMBERED: usize = 65_536;

/// What a handler of this node remembers of the events that have come.
pub(super) struct Memory {
    /// The last deliveries that it is through with or has aside: while the node lives, their doubles are dropped. What was given up and is replayed is
    /// another delivery.
    recent: Mutex<Recent<MessageId, ()>>,
    /// Its position in the stream, if it goes on where it stopped.
    progress: Option<Arc<Progress>>,
}

impl Memory {
    pub(super) fn new(progress: Option<Arc<Progress>>) -> Self {
        Self { recent: Mutex::new(Recent::new(REMEMBERED)), progress }
    }

    /// Whether the handler is through with this event, or has it aside. If not, it has arrived now.
    pub(super) async fn has(&self, event: &Envelope, sequence: u64) -> bool {
        if self.recent().get(&event.delivery_id()).is_some() {
            return true;
        }
        match &self.progress {
            None => false,
            Some(progress) => progress.has(sequence).await,
        }
    }

    /// The handler has this event aside.
    pub(super) fn note_aside(&self, event: &Envelope) {
        self.recent().remember(event.delivery_id(), ());
    }

    /// The handler is through with this event.
    pub(super) async fn note(&self, event: &Envelope, sequence: u64) {
        self.recent().remember(event.delivery_id(), ());
        if let Some(progress) = &self.progress {
            progress.note(sequence).await;
        }
    }

    /// What an attempt is committed under.
    pub(super) fn under(&self, sequence: u64) -> Under<'_> {
        self.progress.as_ref().map_or(Under::Nothing, |progress| Under::Position(progress, sequence))
    }

    /// Whether another node has taken the position over.
    pub(super) fn is_lost(&self) -> bool {
        self.progress.as_ref().is_some_and(|progress| progress.lost().is_cancelled())
    }

    /// Saves what isn't saved yet, as far as the store is there.
    pub(super) async fn save(&self) {
        if let Some(progress) = &self.progress {
            progress.save().await;
        }
    }

    fn recent(&self) -> MutexGuard<'_, Recent<MessageId, ()>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use crate::codec::Codec;
    use crate::message::Kind;

    use super::*;

    #[tokio::test]
    async fn a_double_of_what_is_done_or_aside_is_known_and_a_replay_is_not() {
        let memory = Memory::new(None);
        let event = |id| Envelope::new(id, "Placed", Kind::Event, Codec::MessagePack, vec![]);
        let (done, aside) = (event(MessageId::new()), event(MessageId::new()));
        assert!(!memory.has(&done, 1).await && !memory.has(&aside, 2).await);
        memory.note(&done, 1).await;
        memory.note_aside(&aside);
        assert!(memory.has(&done, 1).await && memory.has(&aside, 2).await);

        let mut replayed = done.clone();
        replayed.headers_mut().delivery_id = Some(MessageId::new());
        assert!(!memory.has(&replayed, 3).await);
    }
}
