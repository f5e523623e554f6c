//! The persistence within one process.
//!
//! One lock for each service's store, never held across an await. Data that knows neither locks nor tasks decides (`marks`, `documents`,
//! `outbox`, `letters` and so on, a file each); `commit` has what touches several of them, and checks all of it before it writes any;
//! `store` locks, waits and wakes.

mod commit;
mod decisions;
mod documents;
mod letters;
mod marks;
mod outbox;
mod pauses;
mod positions;
mod store;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use crate::error::Result;

use super::{Persistence, Store};
use store::MemoryStore;

/// The persistence within one process: clones of one value hold the same.
///
/// Nothing outlives the process. Everything is bounded, see [`Limits`]; what there is no place for is refused as a whole.
///
/// ```
/// use catga_core::persistence::{InMemory, Persistence};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> catga_core::Result<()> {
/// let persistence = InMemory::new();
/// let store = persistence.open("test", "orders").await?;
/// assert_eq!(store.get("Order", "7").await?, None);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct InMemory {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    limits: Limits,
    stores: Mutex<HashMap<(String, String), Arc<MemoryStore>>>,
}

/// How much an [`InMemory`] persistence holds, for each service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many documents. 1,000,000.
    pub documents: usize,
    /// How many bytes of documents, their keys included. 256 MiB.
    pub document_bytes: usize,
    /// How many messages in the outbox, with what is put off. 100,000.
    pub outbox: usize,
    /// How many bytes of messages in the outbox. 64 MiB.
    pub outbox_bytes: usize,
    /// How many marks. 1,000,000.
    pub marks: usize,
    /// How many bytes of answers. 256 MiB.
    pub answer_bytes: usize,
    /// How many dead letters. 10,000.
    pub letters: usize,
    /// How many bytes of dead letters. 64 MiB.
    pub letter_bytes: usize,
    /// How many positions. 10,000.
    pub positions: usize,
    /// How many paused handlers. 10,000.
    pub paused: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: usize = 1024 * 1024;
        Self {
            documents: 1_000_000,
            document_bytes: 256 * MIB,
            outbox: 100_000,
            outbox_bytes: 64 * MIB,
            marks: 1_000_000,
            answer_bytes: 256 * MIB,
            letters: 10_000,
            letter_bytes: 64 * MIB,
            positions: 10_000,
            paused: 10_000,
        }
    }
}

impl InMemory {
    /// An empty one with the default limits.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty one with these limits.
    pub fn with_limits(limits: Limits) -> Self {
        Self { shared: Arc::new(Shared { limits, stores: Mutex::default() }) }
    }
}

#[async_trait]
impl Persistence for InMemory {
    async fn open(&self, cluster: &str, service: &str) -> Result<Arc<dyn Store>> {
        let mut stores = self.shared.stores.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(MemoryStore::new(self.shared.limits.clone()));
        Ok(stores.entry((cluster.to_owned(), service.to_owned())).or_insert_with(new).clone())
    }
}
