use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::context::Outgoing;
use crate::envelope::Envelope;
use crate::error::{Code, Error, Result, WireError};
use crate::message::MessageId;

use super::{Decision, Held};

/// Keeps the deliveries that were given up, each with its cause, until somebody replays or discards them.
///
/// A letter and its handler's mark go together: burying ends the mark, so that a stray copy of the message doesn't run
/// ([`Begun::Dead`](super::Begun::Dead)); the mark doesn't expire while the letter exists; a replay makes it free again.
#[async_trait]
pub trait DeadLetters: Send + Sync {
    /// Stores the letter and ends the mark that its handler holds, in one step. Whether it did: `false` if the mark isn't held any longer,
    /// and then nothing is stored. `None`: the handler has no mark.
    ///
    /// There is one letter for one id: buried again, attempts, error, node and the last time are the new ones, its place and the first time
    /// stay. A call with a token that has buried it before is `true` again.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](Code::Unavailable): the store is away, or has no place for another letter; nothing was stored, the mark is as it was.
    /// [`OutcomeUnknown`](Code::OutcomeUnknown): call again.
    async fn bury(&self, letter: DeadLetter, held: Option<&Held>) -> Result<bool>;

    /// Some letters, in the order in which they were buried, the newest first. Pages cover each once that is there all the time.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](Code::Unavailable).
    async fn letters(&self, wanted: &Letters) -> Result<LetterPage>;

    /// The letter of this id, if there is one.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](Code::Unavailable).
    async fn letter(&self, id: &LetterId) -> Result<Option<DeadLetter>>;

    /// In one step: the letter goes, its mark is free again with no attempt counted, `again` is in the outbox behind what is there, and the
    /// decision is recorded. `false`: there is no such letter (of racing callers one wins).
    ///
    /// # Errors
    ///
    /// [`OutboxFull`](Code::OutboxFull) or [`Unavailable`](Code::Unavailable): the letter stays, nothing was written.
    /// [`OutcomeUnknown`](Code::OutcomeUnknown): if it was done, calling again is `false`, and the decision is [recorded](Self::decisions).
    async fn replay(&self, id: &LetterId, again: Outgoing, by: &str) -> Result<bool>;

    /// In one step: the letter goes, and the decision is recorded; its mark stays ended for its retention from now. `false`: there is no
    /// such letter.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](Code::Unavailable); [`OutcomeUnknown`](Code::OutcomeUnknown): if it was done, calling again is `false`.
    async fn discard(&self, id: &LetterId, by: &str) -> Result<bool>;

    /// What people have decided, the newest first, at most `limit`. The last 10,000 are known.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](Code::Unavailable).
    async fn decisions(&self, limit: usize) -> Result<Vec<Decision>>;
}

/// The name of a letter within the service: which handler gave up which message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LetterId {
    /// The handler's identity: its message's wire name and its own (first) name.
    pub handler: String,
    /// The node, where the handler runs on every node.
    pub node: Option<String>,
    /// The message.
    pub message: MessageId,
}

impl fmt::Display for LetterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.message, self.handler)?;
        self.node.iter().try_for_each(|node| write!(f, " on {node}"))
    }
}

/// A delivery that was given up. All of it is bounded: the envelope by the limits of messages, the error by its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// Whose, and of which message.
    pub id: LetterId,
    /// The message, in every byte as it arrived.
    pub envelope: Envelope,
    /// The last error, its causes as texts.
    pub error: WireError,
    /// How many times the handler has run.
    pub attempts: u32,
    /// When it was given up for the first time, in milliseconds since 1970 by the clock of a node: for people.
    pub first: u64,
    /// When it was given up for the last time, likewise.
    pub last: u64,
    /// The node that gave it up.
    pub node: String,
}

impl DeadLetter {
    /// The last error, as it was on the node that gave it up.
    pub fn error(&self) -> Error {
        self.error.clone().into()
    }
}

/// Which letters. What isn't asked for excludes none; the default are the newest 100 of all.
///
/// ```
/// use catga_core::persistence::Letters;
///
/// let of_receipts = Letters { handler: Some("OrderPlaced/send_receipt".into()), ..Letters::default() };
/// assert_eq!(of_receipts.limit, 100);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letters {
    /// Those of messages of this wire name.
    pub message: Option<String>,
    /// Those of the handler of this identity.
    pub handler: Option<String>,
    /// Those that this node gave up.
    pub node: Option<String>,
    /// Those whose error has this code.
    pub code: Option<Code>,
    /// Those behind this place.
    pub after: Option<LetterPlace>,
    /// So many at most; fewer only where there are no more. 100 by default.
    pub limit: usize,
}

impl Default for Letters {
    fn default() -> Self {
        Self { message: None, handler: None, node: None, code: None, after: None, limit: 100 }
    }
}

impl Letters {
    /// Whether this letter is asked for, wherever it stands.
    pub fn include(&self, letter: &DeadLetter) -> bool {
        fn fits(wanted: &Option<String>, has: &str) -> bool {
            wanted.as_ref().is_none_or(|wanted| wanted == has)
        }
        fits(&self.message, &letter.envelope.name)
            && fits(&self.handler, &letter.id.handler)
            && fits(&self.node, &letter.node)
            && self.code.is_none_or(|code| code == letter.error.code())
    }
}

/// Where a letter stands in the order of the letters; compared by the store alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LetterPlace(pub u64);

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LetterPage {
    /// The letters, the newest first.
    pub letters: Vec<DeadLetter>,
    /// How many there are in all, before this page and behind it too.
    pub total: usize,
    /// Where the next page begins, if there is more.
    pub next: Option<LetterPlace>,
}
