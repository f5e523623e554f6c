//! What becomes of a stored message in the end: done, tried again, given up, paused, or resumed; and what a node takes meanwhile.

mod again;
mod away;
mod dead;
mod flow;
mod paused;
mod resumed;
#[path = "../common/seen.rs"]
mod seen;

use catga_core::node::NodeBuilder;
use catga_core::{Catga, Node, persistence, transport};

use away::Away;
use seen::Seen;

/// The two seams that the nodes of one cluster share, and what its handlers have done.
#[derive(Clone, Default)]
struct Cluster {
    transport: transport::InMemory,
    persistence: Away,
    seen: Seen,
}

impl Cluster {
    fn with_limits(transport: transport::Limits, persistence: persistence::Limits) -> Self {
        let persistence = Away::of(persistence::InMemory::with_limits(persistence));
        Self { transport: transport::InMemory::with_limits(transport), persistence, seen: Seen::default() }
    }

    fn node(&self, name: &str) -> NodeBuilder {
        let builder = Catga::builder("shop").node_name(name).provide(self.seen.clone());
        builder.transport(self.transport.clone()).persistence(self.persistence.clone())
    }

    /// A node without handlers, for whoever calls others.
    async fn caller(&self) -> Node {
        self.node("caller").handlers([]).start().await.unwrap()
    }
}
