use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use catga_core::Result;
use catga_core::context::Outgoing;
use catga_core::persistence::{
    Begun, Committed, DeadLetter, DeadLetters, Decision, DocumentReads, Entry, EntryId, Held, HeldPosition, InMemory,
    Inbox, LetterId, LetterPage, Letters, Listed, Listing, Mark, MarkName, Outbox, PausedHandler, Pauses, Persistence,
    Position, PositionName, Positions, Relay, Retries, Store, Stored, Token, Unit, UnitId, UnitOfWork,
};

use super::super::observer::Observer;

/// The persistence of one node.
pub(in super::super) struct WatchedPersistence {
    pub(in super::super) inner: InMemory,
    pub(in super::super) observer: Arc<Observer>,
    /// Whether the node has opened it.
    pub(in super::super) used: Arc<AtomicBool>,
}

#[async_trait]
impl Persistence for WatchedPersistence {
    async fn open(&self, cluster: &str, service: &str) -> Result<Arc<dyn Store>> {
        let inner = self.inner.open(cluster, service).await?;
        self.used.store(true, Ordering::Release);
        self.observer.opened(service, &inner);
        Ok(Arc::new(WatchedStore { inner, observer: self.observer.clone() }))
    }
}

struct WatchedStore {
    inner: Arc<dyn Store>,
    observer: Arc<Observer>,
}

#[async_trait]
impl Store for WatchedStore {
    async fn health(&self) -> Result<()> {
        self.inner.health().await
    }
}

#[async_trait]
impl Inbox for WatchedStore {
    async fn begin(&self, marks: &[Mark], lease: Duration) -> Result<Vec<Begun>> {
        self.inner.begin(marks, lease).await
    }

    async fn wait(&self, mark: &MarkName, within: Duration) -> Result<()> {
        self.inner.wait(mark, within).await
    }

    async fn renew(&self, held: &[Held], lease: Duration) -> Result<Vec<bool>> {
        self.inner.renew(held, lease).await
    }

    async fn abandon(&self, held: &Held, counts: bool) -> Result<()> {
        self.inner.abandon(held, counts).await
    }
}

#[async_trait]
impl UnitOfWork for WatchedStore {
    async fn commit(&self, unit: Unit) -> Result<Committed> {
        let _moving = self.observer.moving();
        self.inner.commit(unit).await
    }

    async fn resolve(&self, unit: UnitId) -> Result<bool> {
        self.inner.resolve(unit).await
    }
}

#[async_trait]
impl DocumentReads for WatchedStore {
    async fn get(&self, collection: &str, key: &str) -> Result<Option<Stored>> {
        self.inner.get(collection, key).await
    }

    async fn list(&self, collection: &str, listing: Listing) -> Result<Listed> {
        self.inner.list(collection, listing).await
    }
}

#[async_trait]
impl Outbox for WatchedStore {
    async fn claim(&self, relay: Relay, lease: Duration) -> Result<bool> {
        self.inner.claim(relay, lease).await
    }

    async fn entries(&self, relay: Relay, after: Option<EntryId>, limit: usize) -> Result<Vec<Entry>> {
        self.inner.entries(relay, after, limit).await
    }

    async fn settle(&self, relay: Relay, entries: &[EntryId]) -> Result<()> {
        let _moving = self.observer.moving();
        self.inner.settle(relay, entries).await
    }

    async fn release(&self, relay: Relay) -> Result<()> {
        self.inner.release(relay).await
    }

    async fn wait_for_entries(&self, after: Option<EntryId>) -> Result<()> {
        self.inner.wait_for_entries(after).await
    }

    async fn fullness(&self) -> Result<f32> {
        self.inner.fullness().await
    }
}

#[async_trait]
impl Retries for WatchedStore {
    async fn put_off(&self, held: &Held, again: Outgoing, delay: Duration) -> Result<bool> {
        let _moving = self.observer.moving();
        self.inner.put_off(held, again, delay).await
    }
}

#[async_trait]
impl DeadLetters for WatchedStore {
    async fn bury(&self, letter: DeadLetter, held: Option<&Held>) -> Result<bool> {
        let _moving = self.observer.moving();
        self.inner.bury(letter, held).await
    }

    async fn letters(&self, wanted: &Letters) -> Result<LetterPage> {
        self.inner.letters(wanted).await
    }

    async fn letter(&self, id: &LetterId) -> Result<Option<DeadLetter>> {
        self.inner.letter(id).await
    }

    async fn replay(&self, id: &LetterId, again: Outgoing, by: &str) -> Result<bool> {
        let _moving = self.observer.moving();
        self.inner.replay(id, again, by).await
    }

    async fn discard(&self, id: &LetterId, by: &str) -> Result<bool> {
        self.inner.discard(id, by).await
    }

    async fn decisions(&self, limit: usize) -> Result<Vec<Decision>> {
        self.inner.decisions(limit).await
    }
}

#[async_trait]
impl Positions for WatchedStore {
    async fn take_position(&self, name: &PositionName) -> Result<(Token, Option<Position>)> {
        self.inner.take_position(name).await
    }

    async fn save_position(&self, held: &HeldPosition, position: &Position) -> Result<bool> {
        self.inner.save_position(held, position).await
    }
}

#[async_trait]
impl Pauses for WatchedStore {
    async fn pause(&self, handler: &str, by: &str) -> Result<()> {
        self.inner.pause(handler, by).await
    }

    async fn resume(&self, handler: &str, by: &str) -> Result<bool> {
        self.inner.resume(handler, by).await
    }

    async fn paused(&self) -> Result<Vec<PausedHandler>> {
        self.inner.paused().await
    }
}
