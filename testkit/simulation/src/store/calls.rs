use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use catga_core::Result;
use catga_core::persistence::{
    Begun, Committed, DocumentReads, Entry, EntryId, Held, Inbox, Listed, Listing, Mark, MarkName, Outbox, Relay,
    Store, Stored, Unit, UnitId, UnitOfWork,
};
use catga_core::runtime;

use super::Server;
use crate::world::{Life, Loss, Method, Seam, unreachable};

/// One service's store, as one node reaches it.
pub(super) struct NodeStore {
    pub(super) server: Server,
    pub(super) life: Life,
    pub(super) inner: Arc<dyn Store>,
}

impl NodeStore {
    pub(super) async fn call<T: Send + 'static>(
        &self,
        method: Method,
        loss: Loss,
        call: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        self.server.world.call(self.life, (Seam::Store, method), loss, call).await
    }

    /// A call that waits for what others do: it isn't sent late, since it may return early anyway.
    async fn waits(&self, method: Method, wait: impl Future<Output = Result<()>> + Send) -> Result<()> {
        let world = &self.server.world;
        world.pass(self.life, method, false).await;
        let waited = match world.cut_until(self.life, Seam::Store) {
            Some(_) => {
                runtime::sleep(Duration::from_millis(100)).await;
                Err(unreachable())
            }
            None => world.outside(wait).await,
        };
        world.pass(self.life, method, true).await;
        waited
    }
}

#[async_trait]
impl Store for NodeStore {
    async fn health(&self) -> Result<()> {
        let inner = self.inner.clone();
        self.call(Method::StoreHealth, Loss::Nothing, async move { inner.health().await }).await
    }
}

#[async_trait]
impl Inbox for NodeStore {
    async fn begin(&self, marks: &[Mark], lease: Duration) -> Result<Vec<Begun>> {
        let (inner, server) = (self.inner.clone(), self.server.clone());
        let (marks, lease) = (server.shortened(marks), server.stretched(lease));
        let begin = async move {
            let begun = inner.begin(&marks, lease).await?;
            server.remember(&marks, &begun);
            Ok(begun)
        };
        self.call(Method::Begin, Loss::Unknown, begin).await
    }

    async fn wait(&self, mark: &MarkName, within: Duration) -> Result<()> {
        self.waits(Method::Wait, self.inner.wait(mark, within)).await
    }

    async fn renew(&self, held: &[Held], lease: Duration) -> Result<Vec<bool>> {
        let (inner, held, lease) = (self.inner.clone(), held.to_vec(), self.server.stretched(lease));
        self.call(Method::Renew, Loss::Unknown, async move { inner.renew(&held, lease).await }).await
    }

    async fn abandon(&self, held: &Held, counts: bool) -> Result<()> {
        let (inner, held) = (self.inner.clone(), held.clone());
        self.call(Method::Abandon, Loss::Unknown, async move { inner.abandon(&held, counts).await }).await
    }
}

#[async_trait]
impl UnitOfWork for NodeStore {
    async fn commit(&self, unit: Unit) -> Result<Committed> {
        let (inner, server) = (self.inner.clone(), self.server.clone());
        let commit = async move { server.commit(&*inner, unit).await };
        self.call(Method::Commit, Loss::Unknown, commit).await
    }

    async fn resolve(&self, unit: UnitId) -> Result<bool> {
        let (inner, server) = (self.inner.clone(), self.server.clone());
        let resolve = async move { server.resolve(&*inner, unit).await };
        self.call(Method::Resolve, Loss::Nothing, resolve).await
    }
}

#[async_trait]
impl DocumentReads for NodeStore {
    async fn get(&self, collection: &str, key: &str) -> Result<Option<Stored>> {
        let (inner, collection, key) = (self.inner.clone(), collection.to_owned(), key.to_owned());
        self.call(Method::Get, Loss::Nothing, async move { inner.get(&collection, &key).await }).await
    }

    async fn list(&self, collection: &str, listing: Listing) -> Result<Listed> {
        let (inner, collection) = (self.inner.clone(), collection.to_owned());
        self.call(Method::List, Loss::Nothing, async move { inner.list(&collection, listing).await }).await
    }
}

#[async_trait]
impl Outbox for NodeStore {
    async fn claim(&self, relay: Relay, lease: Duration) -> Result<bool> {
        let (inner, lease) = (self.inner.clone(), self.server.stretched(lease));
        self.call(Method::Claim, Loss::Unknown, async move { inner.claim(relay, lease).await }).await
    }

    async fn entries(&self, relay: Relay, after: Option<EntryId>, limit: usize) -> Result<Vec<Entry>> {
        let (inner, server) = (self.inner.clone(), self.server.clone());
        let entries = async move { server.entries(&*inner, relay, after, limit).await };
        self.call(Method::Entries, Loss::Nothing, entries).await
    }

    async fn settle(&self, relay: Relay, entries: &[EntryId]) -> Result<()> {
        let (inner, entries) = (self.inner.clone(), entries.to_vec());
        self.call(Method::SettleEntries, Loss::Unknown, async move { inner.settle(relay, &entries).await }).await
    }

    async fn release(&self, relay: Relay) -> Result<()> {
        let inner = self.inner.clone();
        self.call(Method::Release, Loss::Unknown, async move { inner.release(relay).await }).await
    }

    async fn wait_for_entries(&self, after: Option<EntryId>) -> Result<()> {
        self.waits(Method::WaitForEntries, self.inner.wait_for_entries(after)).await
    }

    async fn fullness(&self) -> Result<f32> {
        let inner = self.inner.clone();
        self.call(Method::Fullness, Loss::Nothing, async move { inner.fullness().await }).await
    }
}
