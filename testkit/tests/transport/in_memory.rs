//! The transport in memory, as it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use catga_core::transport::{self, InMemory};
use catga_testkit::conformance::transport::{Connection, Faults, Limits, Timing, TransportHarness};
use catga_testkit::conformance::{Clock, NotRun};

struct Harness {
    transport: InMemory,
    connections: AtomicU32,
}

const KIB: usize = 1024;

#[async_trait]
impl TransportHarness for Harness {
    const CLOCK: Clock = Clock::Virtual;

    const TIMING: Timing = Timing {
        arrival: Duration::from_secs(1),
        death: Duration::from_millis(1),
        late: Duration::from_millis(2),
        quiet: Duration::from_secs(3),
    };

    async fn start(Limits { history, work }: Limits) -> Self {
        let limits = transport::Limits { history, work, envelope_bytes: 64 * KIB, ..Default::default() };
        Self { transport: InMemory::with_limits(limits), connections: AtomicU32::new(0) }
    }

    fn cluster(&self) -> &str {
        "test"
    }

    async fn connect(&self) -> Connection {
        let number = self.connections.fetch_add(1, Ordering::SeqCst);
        Connection { transport: Arc::new(self.transport.clone()), number }
    }

    fn envelope_bytes(&self) -> (usize, usize) {
        (32 * KIB, 64 * KIB)
    }

    fn faults(&self) -> Faults<'_> {
        Faults {
            cut: Err(NotRun("within one process there is no connection")),
            pause: Err(NotRun("within one process nobody stands still alone")),
            restart: Err(NotRun("nothing outlives the process")),
            skew: Err(NotRun("it never asks what time it is, and one process has one clock")),
        }
    }
}

catga_testkit::transport_suite!(Harness);
