//! What the tests of deliveries share.

use std::future::pending;
use std::time::Duration;

use catga_core::context::Context;
use catga_core::node::NodeBuilder;
use catga_core::{Catga, Error, Event, Node, Request, Result, handler, handlers, persistence, transport};
use serde::{Deserialize, Serialize};

pub(crate) use crate::seen::Seen;

/// The two seams that the nodes of one cluster share.
#[derive(Clone, Default)]
pub(crate) struct Shared {
    transport: transport::InMemory,
    persistence: persistence::InMemory,
}

impl Shared {
    pub(crate) fn node(&self, service: &str) -> NodeBuilder {
        Catga::builder(service).transport(self.transport.clone()).persistence(self.persistence.clone())
    }

    /// A node without handlers, for whoever calls others.
    pub(crate) async fn caller(&self) -> Node {
        self.node("front").handlers([]).start().await.unwrap()
    }
}

/// What a handler does.
#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = String)]
pub(crate) enum Do {
    Answer,
    Panic,
    Hang,
    Work(Duration),
}

/// Notes when it is dropped before it is done.
pub(crate) struct Dropped<'a>(pub(crate) Option<&'a Seen>);

impl Drop for Dropped<'_> {
    fn drop(&mut self) {
        if let Some(seen) = self.0 {
            seen.note("dropped");
        }
    }
}

#[handler]
pub(crate) async fn act(command: Do, seen: &Seen, cx: &Context) -> Result<String> {
    let mut dropped = Dropped(Some(seen));
    seen.note("begun");
    match command {
        Do::Answer => (),
        Do::Panic => panic!("the roof is on fire"),
        Do::Hang => pending().await,
        Do::Work(time) => tokio::time::sleep(time).await,
    }
    dropped.0 = None;
    seen.note("done");
    Ok(cx.node().to_owned())
}

pub(crate) async fn actor(shared: &Shared, name: &str, seen: &Seen) -> Node {
    let node = shared.node("acting").node_name(name).provide(seen.clone()).grace(Duration::from_secs(20));
    node.handlers(handlers![act]).start().await.unwrap()
}

#[derive(Event, Clone, Serialize, Deserialize)]
pub(crate) struct Happened(pub(crate) u32);

#[handler]
pub(crate) async fn calm(event: &Happened, seen: &Seen) -> Result<()> {
    seen.note(format!("calm {}", event.0));
    Ok(())
}

/// Fails at its first two runs for the first event.
#[handler]
pub(crate) async fn shaky(event: &Happened, seen: &Seen, cx: &Context) -> Result<()> {
    seen.note(format!("shaky {} attempt {}", event.0, cx.attempt()));
    match (event.0, cx.attempt()) {
        (1, 1) => Err(Error::unavailable("not yet")),
        (1, 2) => panic!("not yet"),
        _ => Ok(()),
    }
}
