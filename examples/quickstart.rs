//! A command, its event and a query, on two nodes of one process: `cargo run --example quickstart`.

#![expect(clippy::print_stdout, reason = "an example speaks to the person who runs it")]

use catga::{persistence, prelude::*, transport};

/// A command changes state. It has one handler, and a response.
#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = String)]
struct PlaceOrder {
    product: String,
}

/// A query only reads.
#[derive(Request, Serialize, Deserialize)]
#[request(response = Option<Order>, query)]
struct FindOrder {
    id: String,
}

/// An event is a fact, with any number of handlers.
#[derive(Event, Clone, Serialize, Deserialize)]
struct OrderPlaced {
    id: String,
}

/// A document, which handlers read and write.
#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
struct Order {
    id: String,
    product: String,
}

impl Document for Order {
    const NAME: &'static str = "Order";
    type Key = String;

    fn key(&self) -> String {
        self.id.clone()
    }
}

/// Runs on one node. What it writes and what it publishes is committed as one, when it has succeeded.
#[handler]
async fn place_order(cmd: PlaceOrder, orders: &Documents<Order>, cx: &Context) -> Result<String> {
    if cmd.product.is_empty() {
        return Err(Error::validation("`product` is not empty").with_detail("field", "product"));
    }
    let id = cx.message_id().to_string();
    orders.insert(cx, &Order { id: id.clone(), product: cmd.product })?;
    cx.publish(OrderPlaced { id: id.clone() })?;
    Ok(id)
}

/// Runs on any node, and sees what was committed on whichever.
#[handler]
async fn find_order(query: &FindOrder, orders: &DocumentsView<Order>) -> Result<Option<Order>> {
    orders.get(&query.id).await
}

/// Runs on every node.
#[handler]
async fn show_order(event: &OrderPlaced, cx: &Context) -> Result<()> {
    println!("{}: the order {} was placed", cx.node(), event.id);
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    // Nodes that share a clone of each are a cluster.
    let (transport, persistence) = (transport::InMemory::new(), persistence::InMemory::new());
    let node = |name: &str| {
        Catga::builder("orders").node_name(name).transport(transport.clone()).persistence(persistence.clone()).start()
    };
    let (first, second) = (node("orders-1").await?, node("orders-2").await?);

    let product = "Laptop".to_owned();
    let id = first.send(PlaceOrder { product: product.clone() }).await?;
    assert_eq!(second.send(FindOrder { id: id.clone() }).await?, Some(Order { id, product }));

    let refused = second.send(PlaceOrder { product: String::new() }).await.expect_err("there is no such product");
    assert_eq!((refused.code(), refused.detail("field")), (Code::Validation, Some("product")));

    first.shutdown().await?;
    second.shutdown().await
}

#[test]
fn it_runs_to_its_end() {
    main().unwrap();
}
