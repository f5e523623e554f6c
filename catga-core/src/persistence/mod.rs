//! The persistence: the store behind documents, inbox, outbox and dead letters.
//!
//! This page is a contract with two readers: core, which calls, and whoever writes another persistence. [`InMemory`] keeps everything in
//! this process; it is the embedded default and everybody's test double.
//!
//! A [`Persistence`] is a server that can be reached. A node [`open`](Persistence::open)s its service's part of it and gets a
//! [`Store`], which has a few jobs, each a trait of its own:
//!
//! | job | trait |
//! | --- | --- |
//! | remember what was done, and let one at a time do it | [`Inbox`] |
//! | write all that one run of a handler did, as one | [`UnitOfWork`] |
//! | read documents | [`DocumentReads`] |
//! | hand what is to be published to one relay, in order | [`Outbox`] |
//! | keep what is to be tried again later | [`Retries`] |
//! | keep what was given up | [`DeadLetters`] |
//! | remember how far a node has come in a stream | [`Positions`] |
//! | remember which handlers are paused | [`Pauses`] |
//!
//! Whoever writes another one provides a small harness and says `catga_testkit::persistence_suite!` once: then each promise of this page is
//! a test of theirs.
//!
//! Handlers never see it: they ask for [`Documents`] or a [`DocumentsView`].
//!
//! # What every call promises
//!
//! - **Cancelling.** Each method may be dropped before it is ready. A read then did nothing; a write happened as a whole or not at all, and
//!   to call it again with the same arguments is safe.
//! - **Faults.** A call fails at its own time limit. [`Unavailable`](crate::Code::Unavailable) means that nothing was written,
//!   [`OutcomeUnknown`](crate::Code::OutcomeUnknown) that all of it may have been: call again, or [`resolve`](UnitOfWork::resolve).
//! - **Reads follow writes.** What a call has confirmed, every later read on any node sees.
//! - **Time.** Leases and retention run by the store's clock; what goes in and out is a duration, never a moment.
//! - **Panics.** None, whatever the arguments and whatever is stored.
//! - **Bounds.** Whatever is kept has a limit; at the limit a write is refused as a whole, and nothing that counts is dropped.

mod dead_letters;
mod decisions;
mod documents;
mod in_memory;
mod inbox;
mod outbox;
mod pauses;
mod positions;
mod reads;
mod retries;
mod unit;

pub use dead_letters::{DeadLetter, DeadLetters, LetterId, LetterPage, LetterPlace, Letters};
pub use decisions::{Decided, Decision};
pub use documents::{Document, Documents, DocumentsView, Older, Page};
pub use in_memory::{InMemory, Limits};
pub use inbox::{Begun, Held, Inbox, Mark, MarkName, StoredAnswer, Token};
pub use outbox::{Entry, EntryId, Outbox, Relay};
pub use pauses::{PausedHandler, Pauses};
pub use positions::{HeldPosition, Position, PositionName, Positions};
pub use reads::{DocumentReads, Listed, Listing, Stored};
pub use retries::Retries;
pub use unit::{Committed, Unit, UnitId, UnitMark, UnitOfWork};

use std::sync::Arc;

use async_trait::async_trait;

use crate::error::Result;

/// A server that stores, or what stands for one.
///
/// One value may serve several nodes of one process.
#[async_trait]
pub trait Persistence: Send + Sync + 'static {
    /// Opens the part of one service in one cluster, and checks that the server is as it must be. Two services share nothing, the nodes of
    /// one service everything.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::Code::Unavailable): the server can't be reached; [`Internal`](crate::Code::Internal): it isn't as it must be,
    /// and the error says what to do.
    async fn open(&self, cluster: &str, service: &str) -> Result<Arc<dyn Store>>;
}

/// What is stored of one service.
#[async_trait]
pub trait Store:
    Inbox + UnitOfWork + DocumentReads + Outbox + Retries + DeadLetters + Positions + Pauses + 'static
{
    /// Whether it can be used now.
    ///
    /// # Errors
    ///
    /// Why it can't, for people.
    async fn health(&self) -> Result<()>;
}
