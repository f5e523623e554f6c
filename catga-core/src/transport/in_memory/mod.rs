//! The transport within one process.
//!
//! One lock for each cluster, never held across an await. Data that knows neither locks nor tasks decides what goes where
//! (`office` for requests, `history` and `consumer` for stored messages); around it, `requests` and `deliveries` wait and wake. One thing is
//! decided without the lock: whether a request was handed over or given up (`line`).

mod backlog;
mod cluster;
mod consumer;
mod deliveries;
mod history;
mod line;
mod link;
mod office;
mod requests;
mod size;
mod stock;
#[cfg(test)]
mod tests;

pub use backlog::{Backlog, Receiver};

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use crate::error::Result;

use super::{Link, Member, Transport};
use cluster::Cluster;
use link::MemberLink;

/// The transport within one process: clones of one value join the nodes that they are given to.
///
/// Nothing outlives the process; within it, what is stored belongs to no node and to no runtime. A node that is gone (its [`Link`]
/// dropped, or left) is noticed at once, and what it hadn't settled comes to others. A delivery may be held for as long as its node lives.
///
/// Everything is bounded, see [`Limits`]: events, which are kept whatever their age, drop the oldest; commands and requests are
/// refused. One delivery id is stored once among the last 65,536 of the events, and of the commands of each wire name. Besides, a cluster
/// keeps its name, the wire names of its requests, and for each [`Source::Service`](super::Source::Service) how far it has read, until the last
/// clone of the transport is gone.
///
/// ```
/// use catga_core::transport::{InMemory, Member, Transport};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> catga_core::Result<()> {
/// let transport = InMemory::new();
/// let one = transport.clone().join(Member::new("test", "orders", "one")?).await?;
///
/// let other = transport.clone().join(Member::new("test", "orders", "one")?).await;
/// assert_eq!(other.err().map(|error| error.code()), Some(catga_core::Code::Conflict));
/// one.leave().await?;
/// transport.join(Member::new("test", "orders", "one")?).await?;
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
    clusters: Mutex<BTreeMap<String, Arc<Cluster>>>,
}

/// How much an [`InMemory`] transport holds, for each cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest envelope, in bytes: body, names and texts at their length, and 512 bytes for all else that it carries. 1 MiB, as a
    /// NATS server has it.
    pub envelope_bytes: usize,
    /// How many events are kept. 100,000; one more drops the oldest.
    pub history: usize,
    /// How many bytes of events are kept. 64 MiB; more drops the oldest.
    pub history_bytes: usize,
    /// How many commands of each wire name are kept, whether they wait, are put off or in flight. 50,000; one more is refused.
    pub work: usize,
    /// How many bytes of commands of each wire name are kept. 64 MiB; more is refused.
    pub work_bytes: usize,
    /// How many requests of each wire name may wait for a node that has a place. 10,000; one more is refused.
    pub requests: usize,
    /// How many deliveries of one subscription may be put off by [`retry_after`](super::Delivery::retry_after). 10,000; at that
    /// many, nothing new is handed out until one of them comes again.
    pub put_off: usize,
    /// The longest that one of them may be put off. `None`: any time.
    pub longest_delay: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: usize = 1024 * 1024;
        Self {
            envelope_bytes: MIB,
            history: 100_000,
            history_bytes: 64 * MIB,
            work: 50_000,
            work_bytes: 64 * MIB,
            requests: 10_000,
            put_off: 10_000,
            longest_delay: None,
        }
    }
}

impl InMemory {
    /// One with the default limits, which knows nobody yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One with these limits.
    pub fn with_limits(limits: Limits) -> Self {
        Self { shared: Arc::new(Shared { limits, clusters: Mutex::default() }) }
    }

    fn clusters(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Cluster>>> {
        self.shared.clusters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Transport for InMemory {
    async fn join(&self, member: Member) -> Result<Arc<dyn Link>> {
        let cluster = {
            let mut clusters = self.clusters();
            let new = || Arc::new(Cluster::new(self.shared.limits.clone()));
            clusters.entry(member.cluster().to_owned()).or_insert_with(new).clone()
        };
        Ok(Arc::new(MemberLink::join(cluster, member)?))
    }
}
