//! The kinds of event handlers, on three nodes of one process and a fourth that comes later: `cargo run --example events`.

#![expect(clippy::print_stdout, reason = "an example speaks to the person who runs it")]

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use catga::{persistence, prelude::*, transport};
use tokio::sync::mpsc;

#[derive(Event, Clone, Serialize, Deserialize)]
struct OrderPlaced {
    amount: u32,
}

/// Runs on every node, from its start on.
#[handler]
async fn show(event: &OrderPlaced, reports: &Reports, cx: &Context) -> Result<()> {
    reports.say(format!("{} shows an order of {}", cx.node(), event.amount)).await
}

/// Runs on every node for all events from the stream's start on, before the node is ready: so it builds what the process keeps for itself.
#[handler(replay)]
async fn sum_up(event: &OrderPlaced, turnover: &Turnover) -> Result<()> {
    turnover.0.fetch_add(event.amount, Ordering::Relaxed);
    Ok(())
}

/// Runs on one node of the service.
#[handler(once_per = "service")]
async fn send_receipt(event: OrderPlaced, reports: &Reports) -> Result<()> {
    reports.say(format!("a receipt of {}", event.amount)).await
}

/// Where handlers say what they do, so that `main` can wait for it.
#[derive(Clone)]
struct Reports(mpsc::Sender<String>);

impl Reports {
    async fn say(&self, what: String) -> Result<()> {
        self.0.send(what).await.or_internal()
    }
}

/// A process's own view; nothing stores it.
#[derive(Clone, Default)]
struct Turnover(Arc<AtomicU32>);

impl Turnover {
    fn sum(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let (say, mut said) = mpsc::channel(16);
    let reports = Reports(say);
    let (transport, persistence) = (transport::InMemory::new(), persistence::InMemory::new());
    let start = async |name: &str, turnover: &Turnover| {
        Catga::builder("orders")
            .node_name(name)
            .provide(reports.clone())
            .provide(turnover.clone())
            .transport(transport.clone())
            .persistence(persistence.clone())
            .start()
            .await
    };
    let unwatched = Turnover::default();
    let nodes = [
        start("orders-1", &unwatched).await?,
        start("orders-2", &unwatched).await?,
        start("orders-3", &unwatched).await?,
    ];

    nodes[0].publish(OrderPlaced { amount: 40 }).await?;
    let mut lines = Vec::new();
    while lines.len() < 4 {
        lines.extend(said.recv().await);
    }
    lines.sort();
    println!("{}", lines.join("\n"));
    assert_eq!(
        lines,
        [
            "a receipt of 40",
            "orders-1 shows an order of 40",
            "orders-2 shows an order of 40",
            "orders-3 shows an order of 40",
        ]
    );

    // A node that starts later shows nothing of what was before, but its view knows it.
    let turnover = Turnover::default();
    let late = start("orders-4", &turnover).await?;
    assert_eq!(turnover.sum(), 40);

    late.shutdown().await?;
    for node in nodes {
        node.shutdown().await?;
    }
    assert!(said.try_recv().is_err());
    Ok(())
}

#[test]
fn it_runs_to_its_end() {
    main().unwrap();
}
