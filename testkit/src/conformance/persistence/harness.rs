use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use catga_core::persistence::Persistence;

use super::super::{Clock, NotRun};

/// What the tests of a persistence provide, so that the suite can be run on it.
#[async_trait]
pub trait PersistenceHarness: Send + Sync + Sized + 'static {
    /// Which clock the suite runs on; the store's clock has to keep step with it. [`Clock::Virtual`] is for what lives in this process
    /// alone: time doesn't wait for others.
    const CLOCK: Clock;

    /// By how much whatever happens at its time may come too late, on the suite's clock. Longer than needed makes a suite on the machine's
    /// clock slower; shorter than true makes it fail now and then.
    const LATE: Duration;

    /// A server, or a part of one, that nobody else uses and where nothing is stored yet; with these limits.
    async fn start(limits: Limits) -> Self;

    /// The name of the cluster; another for each [`start`](Self::start) that shares a server with others.
    fn cluster(&self) -> &str;

    /// The persistence as a process of its own has it: with a connection of its own.
    async fn connect(&self) -> Connection;

    /// What can be had on purpose.
    fn faults(&self) -> Faults<'_>;
}

/// What a property asks of a store before it begins; exactly so much is kept of each service, and not more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many documents.
    pub documents: usize,
    /// How many messages in the outbox, with what is put off.
    pub outbox: usize,
    /// How many marks.
    pub marks: usize,
    /// How many dead letters.
    pub letters: usize,
    /// How many positions.
    pub positions: usize,
    /// How many paused handlers.
    pub paused: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { documents: 5_000, outbox: 5_000, marks: 5_000, letters: 5_000, positions: 5_000, paused: 5_000 }
    }
}

/// A process's connection to the server.
#[derive(Clone)]
pub struct Connection {
    /// The persistence.
    pub persistence: Arc<dyn Persistence>,
    /// Which one it is, for who breaks it.
    pub number: u32,
}

/// What a harness can do to a store, and why it can't where it can't.
pub struct Faults<'h> {
    /// Keep the [`Limits`] exactly, so that they are reached by a few writes.
    pub limits: Result<(), NotRun>,
    /// Break a process's connection.
    pub cut: Result<&'h dyn Cut, NotRun>,
    /// Lose an answer.
    pub lose_reply: Result<&'h dyn LoseReply, NotRun>,
    /// End the server.
    pub restart: Result<&'h dyn Restart, NotRun>,
}

/// Breaks connections.
#[async_trait]
pub trait Cut: Send + Sync {
    /// From now on nothing passes by this connection, either way.
    async fn cut(&self, connection: u32);

    /// The connection can be made again.
    async fn mend(&self, connection: u32);
}

/// Loses answers.
#[async_trait]
pub trait LoseReply: Send + Sync {
    /// The next call by this connection does its work, and its answer never arrives.
    async fn lose_reply(&self, connection: u32);
}

/// Ends the server's process as a crash does, and starts it again on what it had stored.
#[async_trait]
pub trait Restart: Send + Sync {
    /// Returns when the server takes connections again.
    async fn restart(&self);
}
