use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use uuid::Uuid;

use crate::codec::BodyIdentity;
use crate::error::{Error, Result};
use crate::message::MessageId;

/// Remembers, for each handler and message, that it was done, and the answer; and lets one node at a time do it.
///
/// The life of a mark: nobody knows it → *busy* under a lease, for whoever began it → *done*, by the commit of a unit of work, until its
/// retention is over. A lease that runs out, or is abandoned, makes it unknown again; only the count of its attempts stays, until its
/// retention is over. What is given up makes it *dead* ([`DeadLetters`](super::DeadLetters)).
#[async_trait]
pub trait Inbox: Send + Sync {
    /// Begins each of `marks`, independently of the others; the outcomes in the same order. A lease ends after `lease`.
    ///
    /// Of any number of callers at once, one gets [`Begun::New`].
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::Code::Unavailable): the store is away, or has no place for more marks; nothing was begun.
    /// [`OutcomeUnknown`](crate::Code::OutcomeUnknown): what was begun is free when the lease has run out.
    async fn begin(&self, marks: &[Mark], lease: Duration) -> Result<Vec<Begun>>;

    /// Waits until this mark isn't busy any longer, at most for `within`; then [`begin`](Self::begin) tells. May return early.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::Code::Unavailable).
    async fn wait(&self, mark: &MarkName, within: Duration) -> Result<()>;

    /// Makes the lease of each end after `lease` from now; says of each, in the same order, whether it is still held. What isn't held any
    /// longer stays as it is.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::Code::Unavailable) or [`OutcomeUnknown`](crate::Code::OutcomeUnknown).
    async fn renew(&self, held: &[Held], lease: Duration) -> Result<Vec<bool>>;

    /// Frees a mark at once; harmless if it isn't held any longer. With `counts`, the attempt stays counted.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::Code::Unavailable) or [`OutcomeUnknown`](crate::Code::OutcomeUnknown): it is free when the lease has run out.
    async fn abandon(&self, held: &Held, counts: bool) -> Result<()>;
}

/// What is to be remembered, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Whose, and of which message.
    pub name: MarkName,
    /// What tells the body from others, where a name may be used for another body by mistake.
    pub identity: Option<BodyIdentity>,
    /// For how long it is kept after it was done: it must outlive every copy of its message that can still be delivered.
    pub retention: Duration,
}

/// A mark's name within the service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarkName {
    /// A message, for one handler.
    Message {
        /// The handler's identity: its message's wire name and its own (first) name.
        handler: Arc<str>,
        /// The message.
        id: MessageId,
    },
    /// A caller's intent.
    Key {
        /// The wire name of the request.
        request: String,
        /// On whose behalf.
        principal: Option<String>,
        /// The idempotency key.
        key: String,
    },
}

/// What came of beginning a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// The caller holds it now.
    New {
        /// What proves it.
        token: Token,
        /// How many times it was begun, this time included.
        attempt: u32,
    },
    /// Somebody else holds it; unless that one renews, it is free after `left`.
    Busy {
        /// What is left of the lease.
        left: Duration,
    },
    /// It was done, with this answer.
    Done(StoredAnswer),
    /// It is busy, done or dead, with a body of another identity.
    KeyReused,
    /// It was given up: its dead letter exists, or was discarded. This delivery is to be settled without a run.
    Dead,
}

/// Proves that one holds a mark. Never used twice, also after the store was restarted; compared for equality only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token(pub Uuid);

/// A mark that was begun, and the proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The mark.
    pub mark: Mark,
    /// The proof.
    pub token: Token,
}

/// What is kept as the outcome of something done: bytes that only core reads, none for what has no answer. At most 64 KiB.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredAnswer(Bytes);

impl StoredAnswer {
    /// The most bytes that one may have.
    pub const MAX_BYTES: usize = 64 * 1024;

    /// These bytes.
    ///
    /// # Errors
    ///
    /// [`TooLarge`](crate::Code::TooLarge).
    pub fn new(bytes: impl Into<Bytes>) -> Result<Self> {
        let bytes = bytes.into();
        if bytes.len() <= Self::MAX_BYTES {
            return Ok(Self(bytes));
        }
        Err(Error::too_large(format!(
            "an answer that is kept has at most {} bytes, this one has {}",
            Self::MAX_BYTES,
            bytes.len()
        )))
    }

    /// Its bytes.
    pub fn bytes(&self) -> &Bytes {
        &self.0
    }
}
