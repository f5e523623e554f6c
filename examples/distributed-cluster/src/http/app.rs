use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use catga::{Error, Node, Result};

use crate::{mail::Mailer, metrics::Metrics};

/// What the routes of one node share. Cheap to clone; clones are the same.
#[derive(Clone)]
pub(crate) struct App(Arc<Inner>);

struct Inner {
    name: String,
    metrics: Metrics,
    mailer: Mailer,
    /// Empty until the node has started: the server answers before that, if only that it isn't ready.
    node: OnceLock<Node>,
    draining: AtomicBool,
}

impl App {
    /// For a node of this name that is yet to start.
    pub(crate) fn new(name: impl Into<String>, metrics: Metrics, mailer: Mailer) -> Self {
        let (name, node, draining) = (name.into(), OnceLock::new(), AtomicBool::new(false));
        Self(Arc::new(Inner { name, metrics, mailer, node, draining }))
    }

    /// From now on this node serves. Called once.
    pub(crate) fn started(&self, node: Node) {
        // It fails only if there is one already.
        let _ = self.0.node.set(node);
    }

    /// From now on the node isn't ready; what came before is still served.
    pub(crate) fn drain(&self) {
        self.0.draining.store(true, Ordering::Relaxed);
    }

    pub(crate) fn name(&self) -> &str {
        &self.0.name
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn mailer(&self) -> &Mailer {
        &self.0.mailer
    }

    /// The node.
    ///
    /// # Errors
    ///
    /// `Unavailable` while it starts.
    pub(crate) fn node(&self) -> Result<&Node> {
        self.0.node.get().ok_or_else(|| Error::unavailable("the node is starting"))
    }

    /// Whether new requests may come.
    ///
    /// # Errors
    ///
    /// `Unavailable`, with the reason, if they may not.
    pub(crate) async fn ready(&self) -> Result<()> {
        if self.0.draining.load(Ordering::Relaxed) {
            return Err(Error::unavailable("the node is shutting down"));
        }
        let health = self.node()?.health().await;
        if health.is_ready() { Ok(()) } else { Err(Error::unavailable(health.reasons.join("; "))) }
    }
}

#[cfg(test)]
mod tests {
    use catga::{Catga, Code, handlers};

    use super::*;

    fn app() -> App {
        App::new("node-1", Metrics::new("node-1").unwrap(), Mailer::default())
    }

    async fn reason(app: &App) -> String {
        let error = app.ready().await.unwrap_err();
        assert_eq!(error.code(), Code::Unavailable);
        error.message().to_owned()
    }

    #[tokio::test]
    async fn a_node_is_ready_between_its_start_and_its_end() {
        let app = app();
        assert_eq!(reason(&app).await, "the node is starting");
        app.started(Catga::builder("orders").handlers(handlers![]).start().await.unwrap());
        app.ready().await.unwrap();
        app.drain();
        assert_eq!(reason(&app).await, "the node is shutting down");
        app.node().expect("what came before is still served");
    }
}
