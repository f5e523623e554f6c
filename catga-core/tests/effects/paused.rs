//! Handlers that are paused by hand.

use std::time::Duration;

use catga_core::{Code, Event, Request, Result, handler, handlers};
use serde::{Deserialize, Serialize};

use crate::Cluster;
use crate::seen::Seen;

#[derive(Event, Clone, Serialize, Deserialize)]
struct Sold(u32);

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = ())]
struct Sell(u32);

#[handler(once_per = "service")]
async fn bill(event: Sold, seen: &Seen) -> Result<()> {
    seen.note(format!("bill {}", event.0));
    Ok(())
}

#[handler(once_per = "service")]
async fn pack(event: Sold, seen: &Seen) -> Result<()> {
    seen.note(format!("pack {}", event.0));
    Ok(())
}

#[handler]
async fn show(_: Sold) -> Result<()> {
    Ok(())
}

#[handler]
async fn sell(command: Sell, seen: &Seen) -> Result<()> {
    seen.note(format!("sell {}", command.0));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_paused_handler_takes_nothing_on_any_node_and_goes_on_where_it_was() {
    let cluster = Cluster::default();
    let start = async |name: &str| cluster.node(name).handlers(handlers![bill, pack, sell]).start().await.unwrap();
    let (one, other) = (start("one").await, start("other").await);
    one.pause("Sold/bill", "ann").await.unwrap();
    one.pause("Sell/sell", "ann").await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    for number in 0..10 {
        other.publish(Sold(number)).await.unwrap();
        other.enqueue(Sell(number)).await.unwrap();
    }
    cluster.seen.wait_for("pack 9", 1).await;
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(cluster.seen.all().len(), 10, "{:?}", cluster.seen.all());

    let paused = other.paused().await.unwrap();
    let paused: Vec<_> = paused.iter().map(|paused| (paused.handler.as_str(), paused.by.as_str())).collect();
    assert_eq!(paused, [("Sell/sell", "ann"), ("Sold/bill", "ann")]);
    let error = one.send(Sell(10)).balanced().await.unwrap_err();
    assert_eq!(error.code(), Code::Unavailable);
    assert!(error.message().contains("is paused, by ann"), "{error}");

    // A node that starts meanwhile keeps to it from the first message on.
    let third = start("third").await;
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(cluster.seen.all().len(), 10, "{:?}", cluster.seen.all());

    assert!(third.resume("Sold/bill", "bob").await.unwrap());
    assert!(third.resume("Sell/sell", "bob").await.unwrap());
    assert!(!third.resume("Sold/bill", "bob").await.unwrap());
    cluster.seen.wait_until(|all| all.len() >= 30).await;
    // By now all nodes have seen it.
    tokio::time::sleep(Duration::from_secs(3)).await;
    one.send(Sell(10)).balanced().await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_paused_is_refused_with_the_reason() {
    let cluster = Cluster::default();
    let node = cluster.node("one").handlers(handlers![show]).start().await.unwrap();
    let error = node.pause("Sold/bill", "ann").await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    let error = node.pause("Sold/show", "ann").await.unwrap_err();
    assert_eq!(error.code(), Code::Validation);
    assert!(error.message().contains("nothing keeps them"), "{error}");
}
