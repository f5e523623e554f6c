use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use catga_core::transport::Transport;

use super::super::{Clock, NotRun};

/// What the tests of a transport provide, so that the suite can be run on it.
#[async_trait]
pub trait TransportHarness: Send + Sync + Sized + 'static {
    /// Which clock the suite runs on. [`Clock::Virtual`] is for what lives in this process alone: time doesn't wait for others.
    const CLOCK: Clock;

    /// How long things take here.
    const TIMING: Timing;

    /// A broker, or a part of one, that nobody else uses and where nothing is stored yet; with these limits.
    async fn start(limits: Limits) -> Self;

    /// The name of the cluster; another for each [`start`](Self::start) that shares a broker with others.
    fn cluster(&self) -> &str;

    /// The transport as a process of its own has it: with a connection of its own.
    async fn connect(&self) -> Connection;

    /// The largest body of which it is certain that it can be carried, and a size that certainly can't, in bytes.
    fn envelope_bytes(&self) -> (usize, usize);

    /// What can be broken on purpose.
    fn faults(&self) -> Faults<'_>;
}

/// What a property asks of a transport before it begins; exactly so much is kept, and not more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many events are kept.
    pub history: usize,
    /// How many commands of each wire name are kept.
    pub work: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { history: 5_000, work: 5_000 }
    }
}

/// How long things take at most, on the suite's clock. Longer than needed makes a suite on the machine's clock slower; shorter than true
/// makes it fail now and then.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// Until what was handed over has arrived.
    pub arrival: Duration,
    /// Until others have what a node had that died, or fell silent.
    pub death: Duration,
    /// By how much what was put off may come too late.
    pub late: Duration,
    /// After which one may believe that nothing more comes.
    pub quiet: Duration,
}

/// A process's connection to the broker.
#[derive(Clone)]
pub struct Connection {
    /// The transport.
    pub transport: Arc<dyn Transport>,
    /// Which one it is, for who breaks it.
    pub number: u32,
}

/// What a harness can break, and why it can't where it can't.
pub struct Faults<'h> {
    /// A process's connection.
    pub cut: Result<&'h dyn Cut, NotRun>,
    /// A process.
    pub pause: Result<&'h dyn Pause, NotRun>,
    /// The broker.
    pub restart: Result<&'h dyn Restart, NotRun>,
    /// A process's clock.
    pub skew: Result<&'h dyn Skew, NotRun>,
}

/// Breaks connections.
#[async_trait]
pub trait Cut: Send + Sync {
    /// From now on nothing passes by this connection, either way.
    async fn cut(&self, connection: u32);

    /// The connection can be made again.
    async fn mend(&self, connection: u32);
}

/// Makes processes stand still.
#[async_trait]
pub trait Pause: Send + Sync {
    /// From now on nothing passes by this connection, either way, and neither side is told.
    async fn pause(&self, connection: u32);

    /// What was held up passes, and all goes on.
    async fn resume(&self, connection: u32);
}

/// Ends the broker's process as a crash does, and starts it again on what it had stored.
#[async_trait]
pub trait Restart: Send + Sync {
    /// Returns when the broker takes connections again.
    async fn restart(&self);
}

/// Gives processes wrong clocks.
#[async_trait]
pub trait Skew: Send + Sync {
    /// A connection of a process whose clock is so far ahead.
    async fn connect_ahead(&self, by: Duration) -> Connection;

    /// A connection of a process whose clock is so far behind.
    async fn connect_behind(&self, by: Duration) -> Connection;
}
