use async_trait::async_trait;
use uuid::Uuid;

use crate::context::Journal;
use crate::error::Result;
use crate::runtime;

use super::{Held, HeldPosition, Mark, Position, StoredAnswer};

/// Writes what one run of a handler did, as one.
#[async_trait]
pub trait UnitOfWork: Send + Sync {
    /// Checks everything, then writes everything: documents, outgoing messages into the outbox in their order, the answer under the mark.
    /// Nobody sees a part of it. A unit that was committed before, by its id, isn't written again, and is [`Committed::Done`] again.
    ///
    /// Checked are, in this order: the mark, or the position's token; each version that was read; then that what is inserted isn't there and what is
    /// updated is; sizes and bounds. Whatever isn't [`Committed::Done`] leaves nothing, the mark as it was.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::Code::Conflict): a document to be inserted exists, or one to be updated doesn't, and the unit hadn't read it;
    /// [`KeyReused`](crate::Code::KeyReused): an unclaimed mark is done for another body;
    /// [`OutboxFull`](crate::Code::OutboxFull); [`TooLarge`](crate::Code::TooLarge); [`Unavailable`](crate::Code::Unavailable): the store
    /// is full or away; [`OutcomeUnknown`](crate::Code::OutcomeUnknown): [`resolve`](Self::resolve) tells.
    async fn commit(&self, unit: Unit) -> Result<Committed>;

    /// Whether this unit was committed. `false` is final: if it wasn't, it never will be. Known for at least a minute after the commit,
    /// or for the last 65,536 units.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::Code::Unavailable): ask again.
    async fn resolve(&self, unit: UnitId) -> Result<bool>;
}

/// What one run of a handler did.
#[derive(Debug)]
pub struct Unit {
    /// Its own name, so that a lost outcome can be asked for.
    pub id: UnitId,
    /// What it marks as done.
    pub mark: UnitMark,
    /// What it read, wrote and put out.
    pub journal: Journal,
    /// What is kept under the mark; without a mark it isn't kept.
    pub answer: StoredAnswer,
}

/// What a unit of work marks as done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnitMark {
    /// Nothing: it can't come again.
    None,
    /// What its node began and must still hold.
    Held(Held),
    /// What nobody began, if nobody else began, did or gave it up meanwhile.
    Unclaimed(Mark),
    /// An event of a stream that is read from a position: the position is saved with the rest. No answer is kept.
    Position {
        /// What its node took over and must still have.
        held: HeldPosition,
        /// What is saved.
        position: Position,
    },
}

/// The name of one run of one handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UnitId(pub Uuid);

impl UnitId {
    /// A new one.
    #[expect(clippy::new_without_default, reason = "each is another: a default would hide that")]
    pub fn new() -> Self {
        Self(runtime::new_uuid())
    }
}

/// What came of a commit that the store could judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Committed {
    /// All of it is stored.
    Done,
    /// None of it: a document that it had read was changed. The handler may run again.
    Moved,
    /// None of it: the mark or position isn't held by this token any longer, somebody else began the mark, or the unit was
    /// [resolved](UnitOfWork::resolve) before it arrived.
    Lost,
    /// None of it: the mark is done, with this answer.
    DoneBefore(StoredAnswer),
}
