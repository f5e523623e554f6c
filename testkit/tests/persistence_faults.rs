//! The suite's faults, tried on the store in memory behind connections that break: so they are known to be run, and to pass where they should.

mod remote;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use catga_core::persistence::InMemory;
use catga_testkit::conformance::Clock;
use catga_testkit::conformance::persistence::{
    Connection, Cut, Faults, Limits, LoseReply, PersistenceHarness, Restart,
};

use remote::{Broken, Remote};

/// A server that lives in this process, and the connections to it.
struct Harness {
    server: InMemory,
    connections: std::sync::Mutex<Vec<Arc<Broken>>>,
}

impl Harness {
    fn connection(&self, number: u32) -> Arc<Broken> {
        self.connections.lock().unwrap()[number as usize].clone()
    }
}

#[async_trait]
impl PersistenceHarness for Harness {
    const CLOCK: Clock = Clock::Virtual;
    const LATE: Duration = Duration::from_millis(2);

    async fn start(_: Limits) -> Self {
        Self { server: InMemory::new(), connections: Default::default() }
    }

    fn cluster(&self) -> &str {
        "test"
    }

    async fn connect(&self) -> Connection {
        let mut connections = self.connections.lock().unwrap();
        let (number, broken) = (connections.len() as u32, Arc::<Broken>::default());
        connections.push(broken.clone());
        Connection { persistence: Arc::new(Remote { server: self.server.clone(), broken }), number }
    }

    fn faults(&self) -> Faults<'_> {
        Faults { limits: Ok(()), cut: Ok(self), lose_reply: Ok(self), restart: Ok(self) }
    }
}

#[async_trait]
impl Cut for Harness {
    async fn cut(&self, connection: u32) {
        self.connection(connection).cut(true);
    }

    async fn mend(&self, connection: u32) {
        self.connection(connection).cut(false);
    }
}

#[async_trait]
impl LoseReply for Harness {
    async fn lose_reply(&self, connection: u32) {
        self.connection(connection).lose_reply();
    }
}

#[async_trait]
impl Restart for Harness {
    /// It loses nothing, so nothing needs to be done.
    async fn restart(&self) {}
}

catga_testkit::persistence_suite! { @tests Harness:
    commit_lost_reply_resolves lost_reply_of_giving_up_is_harmless cut_is_bounded_and_heals store_restart_keeps_commits
    retry_survives_restart
}
