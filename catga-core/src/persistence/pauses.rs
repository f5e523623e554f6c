use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::error::Result;

/// Remembers which handlers are paused by hand, for the whole service.
#[async_trait]
pub trait Pauses: Send + Sync {
    /// Pauses the handler of this identity. One that is paused stays as it is.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::Code::Unavailable): the store is away, or keeps 10,000 paused handlers.
    /// [`OutcomeUnknown`](crate::Code::OutcomeUnknown): call again.
    async fn pause(&self, handler: &str, by: &str) -> Result<()>;

    /// Ends the pause; `false` if there was none.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::Code::Unavailable); [`OutcomeUnknown`](crate::Code::OutcomeUnknown): call again.
    async fn resume(&self, handler: &str, by: &str) -> Result<bool>;

    /// All paused handlers, in the order of their identities.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::Code::Unavailable).
    async fn paused(&self) -> Result<Vec<PausedHandler>>;
}

/// A handler that is paused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PausedHandler {
    /// Its identity.
    pub handler: String,
    /// Who paused it; at most [`Decision::MAX_BY`](super::Decision::MAX_BY) bytes of the name.
    pub by: String,
    /// Since when, in milliseconds since 1970.
    pub since: u64,
}
