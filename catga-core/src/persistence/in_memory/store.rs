use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;

use crate::context::Outgoing;
use crate::error::Result;
use crate::runtime;

use super::super::{
    Begun, Committed, DeadLetter, DeadLetters, Decision, DocumentReads, Entry, EntryId, Held, HeldPosition, Inbox,
    LetterId, LetterPage, Letters, Listed, Listing, Mark, MarkName, Outbox, PausedHandler, Pauses, Position,
    PositionName, Positions, Relay, Retries, Store, Stored, Token, Unit, UnitId, UnitOfWork,
};
use super::Limits;
use super::commit::State;

/// One service's store.
#[derive(Debug)]
pub(super) struct MemoryStore {
    limits: Limits,
    state: Mutex<State>,
    /// Or is to grow earlier than was known.
    outbox_grew: Notify,
}

impl MemoryStore {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, state: Mutex::default(), outbox_grew: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn health(&self) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Inbox for MemoryStore {
    async fn begin(&self, marks: &[Mark], lease: Duration) -> Result<Vec<Begun>> {
        self.lock().marks.begin(marks, lease, &self.limits)
    }

    async fn wait(&self, mark: &MarkName, within: Duration) -> Result<()> {
        let Some((until, freed)) = self.lock().marks.busy(mark) else { return Ok(()) };
        let freed = freed.notified();
        // It may have been freed between the look and the wait.
        if self.lock().marks.busy(mark).is_some() {
            let latest = until.min(runtime::after(within));
            runtime::until(Some(latest), freed).await;
        }
        Ok(())
    }

    async fn renew(&self, held: &[Held], lease: Duration) -> Result<Vec<bool>> {
        let mut state = self.lock();
        Ok(held.iter().map(|held| state.marks.renew(held, lease)).collect())
    }

    async fn abandon(&self, held: &Held, counts: bool) -> Result<()> {
        self.lock().marks.abandon(held, counts);
        Ok(())
    }
}

#[async_trait]
impl UnitOfWork for MemoryStore {
    async fn commit(&self, unit: Unit) -> Result<Committed> {
        let puts_out = !unit.journal.outgoing().is_empty();
        let outcome = self.lock().commit(unit, &self.limits);
        if puts_out {
            self.outbox_grew.notify_waiters();
        }
        outcome
    }

    async fn resolve(&self, unit: UnitId) -> Result<bool> {
        Ok(self.lock().resolve(unit))
    }
}

#[async_trait]
impl DocumentReads for MemoryStore {
    async fn get(&self, collection: &str, key: &str) -> Result<Option<Stored>> {
        Ok(self.lock().documents.get(collection, key).cloned())
    }

    async fn list(&self, collection: &str, listing: Listing) -> Result<Listed> {
        Ok(self.lock().documents.list(collection, &listing))
    }
}

#[async_trait]
impl Outbox for MemoryStore {
    async fn claim(&self, relay: Relay, lease: Duration) -> Result<bool> {
        Ok(self.lock().outbox.claim(relay, lease))
    }

    async fn entries(&self, relay: Relay, after: Option<EntryId>, limit: usize) -> Result<Vec<Entry>> {
        Ok(self.lock().outbox.entries(relay, after, limit))
    }

    async fn settle(&self, relay: Relay, entries: &[EntryId]) -> Result<()> {
        self.lock().outbox.settle(relay, entries);
        Ok(())
    }

    async fn release(&self, relay: Relay) -> Result<()> {
        self.lock().outbox.release(relay);
        Ok(())
    }

    async fn wait_for_entries(&self, after: Option<EntryId>) -> Result<()> {
        loop {
            let grew = self.outbox_grew.notified();
            let next_due = {
                let outbox = &mut self.lock().outbox;
                if outbox.has_after(after) {
                    return Ok(());
                }
                outbox.next_due()
            };
            runtime::until(next_due, grew).await;
        }
    }

    async fn fullness(&self) -> Result<f32> {
        Ok(self.lock().outbox.fullness(&self.limits))
    }
}

#[async_trait]
impl Retries for MemoryStore {
    async fn put_off(&self, held: &Held, again: Outgoing, delay: Duration) -> Result<bool> {
        let outcome = self.lock().put_off(held, again, delay, &self.limits);
        self.outbox_grew.notify_waiters();
        outcome
    }
}

#[async_trait]
impl DeadLetters for MemoryStore {
    async fn bury(&self, letter: DeadLetter, held: Option<&Held>) -> Result<bool> {
        self.lock().bury(letter, held, &self.limits)
    }

    async fn letters(&self, wanted: &Letters) -> Result<LetterPage> {
        Ok(self.lock().letters.page(wanted))
    }

    async fn letter(&self, id: &LetterId) -> Result<Option<DeadLetter>> {
        Ok(self.lock().letters.get(id).cloned())
    }

    async fn replay(&self, id: &LetterId, again: Outgoing, by: &str) -> Result<bool> {
        let outcome = self.lock().replay(id, again, by, &self.limits);
        self.outbox_grew.notify_waiters();
        outcome
    }

    async fn discard(&self, id: &LetterId, by: &str) -> Result<bool> {
        Ok(self.lock().discard(id, by))
    }

    async fn decisions(&self, limit: usize) -> Result<Vec<Decision>> {
        Ok(self.lock().decisions.newest(limit))
    }
}

#[async_trait]
impl Positions for MemoryStore {
    async fn take_position(&self, name: &PositionName) -> Result<(Token, Option<Position>)> {
        self.lock().positions.take(name, &self.limits)
    }

    async fn save_position(&self, held: &HeldPosition, position: &Position) -> Result<bool> {
        Ok(self.lock().positions.save(held, position.clone()))
    }
}

#[async_trait]
impl Pauses for MemoryStore {
    async fn pause(&self, handler: &str, by: &str) -> Result<()> {
        self.lock().pause(handler, by, &self.limits)
    }

    async fn resume(&self, handler: &str, by: &str) -> Result<bool> {
        Ok(self.lock().resume(handler, by))
    }

    async fn paused(&self) -> Result<Vec<PausedHandler>> {
        Ok(self.lock().pauses.all())
    }
}
