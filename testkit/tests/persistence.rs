//! The persistence in memory has what every persistence must have.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use catga_core::persistence::{self, InMemory};
use catga_testkit::conformance::persistence::{Connection, Faults, Limits, PersistenceHarness};
use catga_testkit::conformance::{Clock, NotRun};

struct Harness {
    persistence: InMemory,
    connections: AtomicU32,
}

#[async_trait]
impl PersistenceHarness for Harness {
    const CLOCK: Clock = Clock::Virtual;
    const LATE: Duration = Duration::from_millis(2);

    async fn start(Limits { documents, outbox, marks, letters, positions, paused }: Limits) -> Self {
        let limits = persistence::Limits { documents, outbox, marks, letters, positions, paused, ..Default::default() };
        Self { persistence: InMemory::with_limits(limits), connections: AtomicU32::new(0) }
    }

    fn cluster(&self) -> &str {
        "test"
    }

    async fn connect(&self) -> Connection {
        let number = self.connections.fetch_add(1, Ordering::SeqCst);
        Connection { persistence: Arc::new(self.persistence.clone()), number }
    }

    fn faults(&self) -> Faults<'_> {
        Faults {
            limits: Ok(()),
            cut: Err(NotRun("within one process there is no connection")),
            lose_reply: Err(NotRun("within one process no answer gets lost")),
            restart: Err(NotRun("nothing outlives the process")),
        }
    }
}

catga_testkit::persistence_suite!(Harness);
