use std::time::Duration;

use async_trait::async_trait;

use crate::context::Outgoing;
use crate::error::Result;

use super::Held;

/// Keeps deliveries that are to be tried again later, so that they hold no place at a node or in the transport meanwhile.
#[async_trait]
pub trait Retries: Send + Sync {
    /// In one step: frees the mark, its attempt stays counted, and keeps `again` until `delay` has passed by the store's clock. Then it is an
    /// entry of the [outbox](super::Outbox), behind what is there by then; of several, the one that is due first comes first. Whether it did:
    /// `false` if the mark isn't held any longer, and then nothing is kept.
    ///
    /// What is kept counts against the outbox's limits from now on. A call with a token that has put it off before is `true` again, unless
    /// somebody has begun the mark since.
    ///
    /// # Errors
    ///
    /// [`OutboxFull`](crate::Code::OutboxFull) or [`Unavailable`](crate::Code::Unavailable): nothing is kept, the mark is as it was.
    /// [`OutcomeUnknown`](crate::Code::OutcomeUnknown): call again.
    async fn put_off(&self, held: &Held, again: Outgoing, delay: Duration) -> Result<bool>;
}
