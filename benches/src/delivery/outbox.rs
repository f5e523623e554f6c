use std::sync::Arc;
use std::time::{Duration, Instant};

use catga::Result;
use catga::node::Node;
use catga::persistence::{self, Persistence, Relay, Store};
use catga::prelude::*;
use catga::transport;
use tokio::runtime::Runtime;
use tokio::task::yield_now;
use tokio::time::sleep;

use super::handlers;
use super::lines::{order, runtime};

/// So many rates are taken.
const PARTS: u64 = 10;

/// An outbox in which much waits, and a node whose relay stands by, since another one has the claim.
pub struct Outbox {
    runtime: Runtime,
    store: Arc<dyn Store>,
    other: Relay,
    waiting: u64,
    /// The outbox's limit.
    limit: u64,
    _node: Node,
}

impl Outbox {
    /// Commits so many events, while another relay has the claim.
    pub fn fill(waiting: u64) -> Self {
        let runtime = runtime();
        // Twice as many as wait, so that the node isn't told to take nothing.
        let limit = waiting * 2;
        let filled = runtime.block_on(fill(waiting, limit));
        let (node, store, other) = filled.unwrap_or_else(|error| panic!("{error}"));
        Self { runtime, store, other, waiting, limit, _node: node }
    }

    /// Lets the node's relay move all: how many events a second, in each tenth.
    pub fn rates(&self) -> Vec<f64> {
        self.runtime.block_on(self.emptied()).unwrap_or_else(|error| panic!("{error}"))
    }

    async fn emptied(&self) -> Result<Vec<f64>> {
        self.store.release(self.other).await?;
        let part = self.waiting / PARTS;
        let mut seen = vec![(Instant::now(), 0)];
        while let Some(&(_, before)) = seen.last()
            && before < self.waiting
        {
            let left = f64::from(self.store.fullness().await?) * self.limit as f64;
            let moved = self.waiting - left.round() as u64;
            match &mut seen[..] {
                // The relay that stood by looks now and then whether it may begin.
                [(since, _)] if moved == 0 => {
                    *since = Instant::now();
                    sleep(Duration::from_millis(1)).await;
                }
                _ if moved / part > before / part => seen.push((Instant::now(), moved)),
                _ => yield_now().await,
            }
        }
        let rate = |((since, from), (until, to)): (&(Instant, u64), &(Instant, u64))| {
            (to - from) as f64 / (*until - *since).as_secs_f64()
        };
        Ok(seen.iter().zip(seen.iter().skip(1)).map(rate).collect())
    }
}

async fn fill(waiting: u64, limit: u64) -> Result<(Node, Arc<dyn Store>, Relay)> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let limits = persistence::Limits { outbox: limit, outbox_bytes: usize::MAX, ..Default::default() };
    let persistence = persistence::InMemory::with_limits(limits);
    let store = persistence.open("default", "orders").await?;
    let other = Relay::new();
    assert!(store.claim(other, Duration::from_secs(3600)).await?, "nobody else is there");
    // What has left is soon dropped, so that it isn't taken for what the relay needs.
    let transport = transport::InMemory::with_limits(transport::Limits { history: 1_000, ..Default::default() });
    let node = Catga::builder("orders").transport(transport).persistence(persistence);
    let node = node.handlers(handlers![handlers::pass_order]).start().await?;
    for number in 0..waiting {
        node.send(order(number)).await?;
    }
    Ok((node, store, other))
}
