//! A store behind a connection that can break.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use catga_core::context::Outgoing;
use catga_core::persistence::{
    Begun, Committed, DeadLetter, DeadLetters, Decision, DocumentReads, Entry, EntryId, Held, HeldPosition, InMemory,
    Inbox, LetterId, LetterPage, Letters, Listed, Listing, Mark, MarkName, Outbox, PausedHandler, Pauses, Persistence,
    Position, PositionName, Positions, Relay, Retries, Store, Stored, Token, Unit, UnitId, UnitOfWork,
};
use catga_core::{Error, Result};

/// The way to a server.
pub(crate) struct Remote {
    pub(crate) server: InMemory,
    pub(crate) broken: Arc<Broken>,
}

/// What is broken of a connection.
#[derive(Default)]
pub(crate) struct Broken {
    is_cut: AtomicBool,
    loses_reply: AtomicBool,
}

impl Broken {
    pub(crate) fn cut(&self, is_cut: bool) {
        self.is_cut.store(is_cut, Ordering::SeqCst);
    }

    pub(crate) fn lose_reply(&self) {
        self.loses_reply.store(true, Ordering::SeqCst);
    }
}

#[async_trait]
impl Persistence for Remote {
    async fn open(&self, cluster: &str, service: &str) -> Result<Arc<dyn Store>> {
        Ok(Arc::new(RemoteStore(self.server.open(cluster, service).await?, self.broken.clone())))
    }
}

struct RemoteStore(Arc<dyn Store>, Arc<Broken>);

impl RemoteStore {
    /// A call by the connection.
    async fn by<T: Send>(&self, call: impl Future<Output = Result<T>> + Send) -> Result<T> {
        if self.1.is_cut.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_secs(1)).await;
            return Err(Error::unavailable("nobody answers"));
        }
        let outcome = call.await;
        if self.1.loses_reply.swap(false, Ordering::SeqCst) {
            return Err(Error::outcome_unknown("no answer came"));
        }
        outcome
    }
}

#[async_trait]
impl Store for RemoteStore {
    async fn health(&self) -> Result<()> {
        self.by(self.0.health()).await
    }
}

#[async_trait]
impl Inbox for RemoteStore {
    async fn begin(&self, marks: &[Mark], lease: Duration) -> Result<Vec<Begun>> {
        self.by(self.0.begin(marks, lease)).await
    }

    async fn wait(&self, mark: &MarkName, within: Duration) -> Result<()> {
        self.by(self.0.wait(mark, within)).await
    }

    async fn renew(&self, held: &[Held], lease: Duration) -> Result<Vec<bool>> {
        self.by(self.0.renew(held, lease)).await
    }

    async fn abandon(&self, held: &Held, counts: bool) -> Result<()> {
        self.by(self.0.abandon(held, counts)).await
    }
}

#[async_trait]
impl UnitOfWork for RemoteStore {
    async fn commit(&self, unit: Unit) -> Result<Committed> {
        self.by(self.0.commit(unit)).await
    }

    async fn resolve(&self, unit: UnitId) -> Result<bool> {
        self.by(self.0.resolve(unit)).await
    }
}

#[async_trait]
impl DocumentReads for RemoteStore {
    async fn get(&self, collection: &str, key: &str) -> Result<Option<Stored>> {
        self.by(self.0.get(collection, key)).await
    }

    async fn list(&self, collection: &str, listing: Listing) -> Result<Listed> {
        self.by(self.0.list(collection, listing)).await
    }
}

#[async_trait]
impl Outbox for RemoteStore {
    async fn claim(&self, relay: Relay, lease: Duration) -> Result<bool> {
        self.by(self.0.claim(relay, lease)).await
    }

    async fn entries(&self, relay: Relay, after: Option<EntryId>, limit: usize) -> Result<Vec<Entry>> {
        self.by(self.0.entries(relay, after, limit)).await
    }

    async fn settle(&self, relay: Relay, entries: &[EntryId]) -> Result<()> {
        self.by(self.0.settle(relay, entries)).await
    }

    async fn release(&self, relay: Relay) -> Result<()> {
        self.by(self.0.release(relay)).await
    }

    async fn wait_for_entries(&self, after: Option<EntryId>) -> Result<()> {
        self.by(self.0.wait_for_entries(after)).await
    }

    async fn fullness(&self) -> Result<f32> {
        self.by(self.0.fullness()).await
    }
}

#[async_trait]
impl Retries for RemoteStore {
    async fn put_off(&self, held: &Held, again: Outgoing, delay: Duration) -> Result<bool> {
        self.by(self.0.put_off(held, again, delay)).await
    }
}

#[async_trait]
impl DeadLetters for RemoteStore {
    async fn bury(&self, letter: DeadLetter, held: Option<&Held>) -> Result<bool> {
        self.by(self.0.bury(letter, held)).await
    }

    async fn letters(&self, wanted: &Letters) -> Result<LetterPage> {
        self.by(self.0.letters(wanted)).await
    }

    async fn letter(&self, id: &LetterId) -> Result<Option<DeadLetter>> {
        self.by(self.0.letter(id)).await
    }

    async fn replay(&self, id: &LetterId, again: Outgoing, by: &str) -> Result<bool> {
        self.by(self.0.replay(id, again, by)).await
    }

    async fn discard(&self, id: &LetterId, by: &str) -> Result<bool> {
        self.by(self.0.discard(id, by)).await
    }

    async fn decisions(&self, limit: usize) -> Result<Vec<Decision>> {
        self.by(self.0.decisions(limit)).await
    }
}

#[async_trait]
impl Positions for RemoteStore {
    async fn take_position(&self, name: &PositionName) -> Result<(Token, Option<Position>)> {
        self.by(self.0.take_position(name)).await
    }

    async fn save_position(&self, held: &HeldPosition, position: &Position) -> Result<bool> {
        self.by(self.0.save_position(held, position)).await
    }
}

#[async_trait]
impl Pauses for RemoteStore {
    async fn pause(&self, handler: &str, by: &str) -> Result<()> {
        self.by(self.0.pause(handler, by)).await
    }

    async fn resume(&self, handler: &str, by: &str) -> Result<bool> {
        self.by(self.0.resume(handler, by)).await
    }

    async fn paused(&self) -> Result<Vec<PausedHandler>> {
        self.by(self.0.paused()).await
    }
}
