use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;

use crate::error::Result;
use crate::runtime;

use super::super::{
    Begun, Committed, DocumentReads, Entry, EntryId, Held, Inbox, Listed, Listing, Mark, MarkName, Outbox, Relay,
    Store, Stored, Unit, UnitId, UnitOfWork,
};
use super::Limits;
use super::commit::State;

/// One service's store.
#[derive(Debug)]
pub(super) struct MemoryStore {
    limits: Limits,
    state: Mutex<State>,
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
            if self.lock().outbox.has_after(after) {
                return Ok(());
            }
            grew.await;
        }
    }

    async fn fullness(&self) -> Result<f32> {
        Ok(self.lock().outbox.fullness(&self.limits))
    }
}
