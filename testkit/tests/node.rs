//! Nodes over the seams in memory have what nodes must have.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use catga_core::Catga;
use catga_core::node::NodeBuilder;
use catga_core::persistence;
use catga_core::transport::{self, Transport};
use catga_testkit::conformance::Clock;
use catga_testkit::conformance::node::NodeHarness;

#[derive(Default)]
struct Harness {
    transport: transport::InMemory,
    persistence: persistence::InMemory,
}

#[async_trait]
impl NodeHarness for Harness {
    const CLOCK: Clock = Clock::Virtual;

    const QUIET: Duration = Duration::from_secs(15);

    async fn start() -> Self {
        Self::default()
    }

    fn cluster(&self) -> &str {
        "test"
    }

    async fn node(&self, service: &str) -> NodeBuilder {
        let builder = Catga::builder(service).cluster(self.cluster());
        builder.transport(self.transport.clone()).persistence(self.persistence.clone())
    }

    async fn connect(&self) -> Arc<dyn Transport> {
        Arc::new(self.transport.clone())
    }
}

catga_testkit::node_suite!(Harness);
