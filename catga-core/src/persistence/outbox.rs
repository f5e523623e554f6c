use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use crate::context::Outgoing;
use crate::error::Result;
use crate::runtime;

/// What was committed and must still be published, and what was [put off](super::Retries) and is due again.
///
/// One relay at a time holds it, others stand by. It reads from the start, publishes, and settles what the transport has
/// accepted; whatever isn't settled the next holder publishes again, under the same ids.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Takes the outbox for this relay if nobody else holds it, or holds it for longer: until `lease` from now. Whether it does.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::Code::Unavailable) or [`OutcomeUnknown`](crate::Code::OutcomeUnknown): call again.
    async fn claim(&self, relay: Relay, lease: Duration) -> Result<bool>;

    /// The oldest entries behind `after`, in the order of their commits, at most `limit`. Without the claim: none.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::Code::Unavailable).
    async fn entries(&self, relay: Relay, after: Option<EntryId>, limit: usize) -> Result<Vec<Entry>>;

    /// Removes entries, since the transport has them. Without the claim, or where one isn't there any longer: nothing happens.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::Code::Unavailable) or [`OutcomeUnknown`](crate::Code::OutcomeUnknown): call again.
    async fn settle(&self, relay: Relay, entries: &[EntryId]) -> Result<()>;

    /// Gives the outbox up, so that another relay needn't wait for the lease to run out. Harmless without the claim.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::Code::Unavailable) or [`OutcomeUnknown`](crate::Code::OutcomeUnknown): it is free when the lease has run out.
    async fn release(&self, relay: Relay) -> Result<()>;

    /// Waits until there is an entry behind `after`, be it that one is committed or that one becomes due. May return early.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::Code::Unavailable).
    async fn wait_for_entries(&self, after: Option<EntryId>) -> Result<()>;

    /// How full it is, from 0 to 1, with what is put off. At 0.8 nodes stop starting handlers, so that no commit fails.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::Code::Unavailable).
    async fn fullness(&self) -> Result<f32>;
}

/// The name of one relay, of one run of one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Relay(pub Uuid);

impl Relay {
    /// A new one.
    #[expect(clippy::new_without_default, reason = "each is another: a default would hide that")]
    pub fn new() -> Self {
        Self(runtime::new_uuid())
    }
}

/// An entry's place: what was committed later, or became due later, has a greater one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(pub u128);

/// A message in the outbox.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its place.
    pub id: EntryId,
    /// The message, and where it goes; in every byte as it was committed.
    pub outgoing: Outgoing,
}
