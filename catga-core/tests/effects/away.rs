use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use catga_core::context::Outgoing;
use catga_core::persistence::{
    Begun, Committed, DeadLetter, DeadLetters, Decision, DocumentReads, Entry, EntryId, Held, HeldPosition, InMemory,
    Inbox, LetterId, LetterPage, Letters, Listed, Listing, Mark, MarkName, Outbox, PausedHandler, Pauses, Persistence,
    Position, PositionName, Positions, Relay, Retries, Store, Stored, Token, Unit, UnitId, UnitOfWork,
};
use catga_core::{Error, Result};

/// The persistence in memory, which can be away, and counts what is asked of it.
#[derive(Clone, Default)]
pub(crate) struct Away {
    inner: InMemory,
    switch: Arc<Switch>,
}

#[derive(Default)]
struct Switch {
    is_away: AtomicBool,
    leaves_after_commit: AtomicBool,
    /// How long the next `begin` takes.
    stalls: Mutex<Option<Duration>>,
    calls: Mutex<BTreeMap<&'static str, usize>>,
}

impl Away {
    pub(crate) fn of(inner: InMemory) -> Self {
        Self { inner, switch: Arc::default() }
    }

    /// From now on every call fails.
    pub(crate) fn leave(&self) {
        self.switch.is_away.store(true, Ordering::SeqCst);
    }

    /// The next commit is made, and then every call fails, beginning with its answer.
    pub(crate) fn leave_after_commit(&self) {
        self.switch.leaves_after_commit.store(true, Ordering::SeqCst);
    }

    /// The next `begin` takes so long.
    pub(crate) fn stall_begin(&self, time: Duration) {
        *self.switch.stalls.lock().unwrap() = Some(time);
    }

    /// From now on every call works.
    pub(crate) fn come_back(&self) {
        self.switch.is_away.store(false, Ordering::SeqCst);
    }

    /// How often this method was called.
    pub(crate) fn calls(&self, method: &str) -> usize {
        self.switch.calls.lock().unwrap().get(method).copied().unwrap_or_default()
    }
}

#[async_trait]
impl Persistence for Away {
    async fn open(&self, cluster: &str, service: &str) -> Result<Arc<dyn Store>> {
        let inner = self.inner.open(cluster, service).await?;
        Ok(Arc::new(AwayStore { inner, switch: self.switch.clone() }))
    }
}

struct AwayStore {
    inner: Arc<dyn Store>,
    switch: Arc<Switch>,
}

impl AwayStore {
    fn there(&self, method: &'static str) -> Result<&dyn Store> {
        *self.switch.calls.lock().unwrap().entry(method).or_default() += 1;
        if self.switch.is_away.load(Ordering::SeqCst) {
            Err(Error::unavailable("the store is away"))
        } else {
            Ok(&*self.inner)
        }
    }
}

#[async_trait]
impl Store for AwayStore {
    async fn health(&self) -> Result<()> {
        self.there("health")?.health().await
    }
}

#[async_trait]
impl Inbox for AwayStore {
    async fn begin(&self, marks: &[Mark], lease: Duration) -> Result<Vec<Begun>> {
        let stalls = self.switch.stalls.lock().unwrap().take();
        tokio::time::sleep(stalls.unwrap_or_default()).await;
        self.there("begin")?.begin(marks, lease).await
    }

    async fn wait(&self, mark: &MarkName, within: Duration) -> Result<()> {
        Inbox::wait(self.there("wait")?, mark, within).await
    }

    async fn renew(&self, held: &[Held], lease: Duration) -> Result<Vec<bool>> {
        self.there("renew")?.renew(held, lease).await
    }

    async fn abandon(&self, held: &Held, counts: bool) -> Result<()> {
        self.there("abandon")?.abandon(held, counts).await
    }
}

#[async_trait]
impl UnitOfWork for AwayStore {
    async fn commit(&self, unit: Unit) -> Result<Committed> {
        let committed = self.there("commit")?.commit(unit).await;
        if self.switch.leaves_after_commit.swap(false, Ordering::SeqCst) {
            self.switch.is_away.store(true, Ordering::SeqCst);
            return Err(Error::outcome_unknown("the store went away"));
        }
        committed
    }

    async fn resolve(&self, unit: UnitId) -> Result<bool> {
        self.there("resolve")?.resolve(unit).await
    }
}

#[async_trait]
impl DocumentReads for AwayStore {
    async fn get(&self, collection: &str, key: &str) -> Result<Option<Stored>> {
        self.there("get")?.get(collection, key).await
    }

    async fn list(&self, collection: &str, listing: Listing) -> Result<Listed> {
        self.there("list")?.list(collection, listing).await
    }
}

#[async_trait]
impl Outbox for AwayStore {
    async fn claim(&self, relay: Relay, lease: Duration) -> Result<bool> {
        self.there("claim")?.claim(relay, lease).await
    }

    async fn entries(&self, relay: Relay, after: Option<EntryId>, limit: usize) -> Result<Vec<Entry>> {
        self.there("entries")?.entries(relay, after, limit).await
    }

    async fn settle(&self, relay: Relay, entries: &[EntryId]) -> Result<()> {
        self.there("settle")?.settle(relay, entries).await
    }

    async fn release(&self, relay: Relay) -> Result<()> {
        self.there("release")?.release(relay).await
    }

    async fn wait_for_entries(&self, after: Option<EntryId>) -> Result<()> {
        self.there("wait_for_entries")?.wait_for_entries(after).await
    }

    async fn fullness(&self) -> Result<f32> {
        self.there("fullness")?.fullness().await
    }
}

#[async_trait]
impl Retries for AwayStore {
    async fn put_off(&self, held: &Held, again: Outgoing, delay: Duration) -> Result<bool> {
        self.there("put_off")?.put_off(held, again, delay).await
    }
}

#[async_trait]
impl DeadLetters for AwayStore {
    async fn bury(&self, letter: DeadLetter, held: Option<&Held>) -> Result<bool> {
        self.there("bury")?.bury(letter, held).await
    }

    async fn letters(&self, wanted: &Letters) -> Result<LetterPage> {
        self.there("letters")?.letters(wanted).await
    }

    async fn letter(&self, id: &LetterId) -> Result<Option<DeadLetter>> {
        self.there("letter")?.letter(id).await
    }

    async fn replay(&self, id: &LetterId, again: Outgoing, by: &str) -> Result<bool> {
        self.there("replay")?.replay(id, again, by).await
    }

    async fn discard(&self, id: &LetterId, by: &str) -> Result<bool> {
        self.there("discard")?.discard(id, by).await
    }

    async fn decisions(&self, limit: usize) -> Result<Vec<Decision>> {
        self.there("decisions")?.decisions(limit).await
    }
}

#[async_trait]
impl Positions for AwayStore {
    async fn take_position(&self, name: &PositionName) -> Result<(Token, Option<Position>)> {
        self.there("take_position")?.take_position(name).await
    }

    async fn save_position(&self, held: &HeldPosition, position: &Position) -> Result<bool> {
        self.there("save_position")?.save_position(held, position).await
    }
}

#[async_trait]
impl Pauses for AwayStore {
    async fn pause(&self, handler: &str, by: &str) -> Result<()> {
        self.there("pause")?.pause(handler, by).await
    }

    async fn resume(&self, handler: &str, by: &str) -> Result<bool> {
        self.there("resume")?.resume(handler, by).await
    }

    async fn paused(&self) -> Result<Vec<PausedHandler>> {
        self.there("paused")?.paused().await
    }
}
