use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use catga_core::handler::Registration;
use catga_core::node::NodeBuilder;
use catga_core::transport::{Link, Member, Transport};
use catga_core::{Node, Result};

use super::super::Clock;
use crate::Seen;

/// What the tests of a transport, or of a persistence, provide beside the harness of their seam: nodes that stand on it.
#[async_trait]
pub trait NodeHarness: Send + Sync + Sized + 'static {
    /// Which clock the suite runs on.
    const CLOCK: Clock;

    /// After which one may believe that nothing more comes.
    const QUIET: Duration;

    /// Seams that nobody else uses, with nothing in them.
    async fn start() -> Self;

    /// The name of the cluster.
    fn cluster(&self) -> &str;

    /// A node to be, of this service and in this cluster, with the two seams of a process of its own.
    async fn node(&self, service: &str) -> NodeBuilder;

    /// The transport as a process of its own has it.
    async fn connect(&self) -> Arc<dyn Transport>;
}

/// Nodes, and what their handlers have seen.
pub(super) struct Stage<H> {
    pub(super) harness: H,
    pub(super) seen: Seen,
}

impl<H: NodeHarness> Stage<H> {
    pub(super) async fn new() -> Self {
        Self { harness: H::start().await, seen: Seen::default() }
    }

    /// A node of the service `orders` to be, with these handlers, which may ask for what was [`Seen`].
    pub(super) async fn orders<const N: usize>(&self, handlers: [&'static Registration; N]) -> NodeBuilder {
        self.harness.node("orders").await.provide(self.seen.clone()).handlers(handlers)
    }

    /// A node without handlers, for whoever calls others.
    pub(super) async fn caller(&self) -> Node {
        ok(self.harness.node("front").await.handlers([]).start().await)
    }

    /// A member that is no node: it sees the messages as they travel.
    pub(super) async fn witness(&self, service: &str, owning: &[&str]) -> Arc<dyn Link> {
        let member = ok(Member::new(self.harness.cluster(), service, "witness"));
        ok(self.harness.connect().await.join(member.owning(owning.iter().copied())).await)
    }

    /// Nothing more was seen than this, also after as long as one may believe that nothing more comes.
    pub(super) async fn saw_only(&self, expected: &[&str]) {
        assert_eq!(self.seen.wait_for(expected.len()).await, expected);
        tokio::time::sleep(H::QUIET).await;
        assert_eq!(self.seen.all(), expected);
    }
}

/// What a call that must succeed has given.
#[track_caller]
pub(super) fn ok<T>(outcome: Result<T>) -> T {
    outcome.unwrap_or_else(|error| panic!("this should succeed: {}", error.chain()))
}
