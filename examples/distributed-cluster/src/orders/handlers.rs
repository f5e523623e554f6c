use catga::prelude::*;
use jiff::Timestamp;
use metrics::counter;
use tracing::info;

use super::{
    CreateOrder, GetOrder, Order, OrderId, OrderReceipt, ShipOrder,
    messages::{OrderCreated, OrderShipped},
};
use crate::{mail::Mailer, metrics::Metrics};

/// Runs on one node. The order and its event are committed as one: both, or neither.
#[handler(role = "worker")]
async fn create_order(command: CreateOrder, orders: &Documents<Order>, cx: &Context) -> Result<OrderReceipt> {
    let node = cx.node();
    info!(node, customer_id = command.customer_id, "Node {node} processing order creation");
    let order = Order::place(command)?;
    orders.insert(cx, &order)?;
    cx.publish(OrderCreated {
        order_id: order.id,
        customer_id: order.customer_id.clone(),
        total_amount: order.total_amount,
    })?;
    Ok(order.into())
}

/// Runs on one node. Of two that ship one order at once, one meets a newer version, runs again, and finds it shipped.
#[handler(role = "worker")]
async fn ship_order(command: ShipOrder, orders: &Documents<Order>, cx: &Context) -> Result<Order> {
    let ShipOrder { order_id } = command;
    let node = cx.node();
    info!(node, %order_id, "Node {node} shipping an order");
    let mut order = orders.get(cx, &order_id).await?.ok_or_else(|| no_order(&order_id))?;
    order.ship()?;
    orders.update(cx, &order)?;
    cx.publish(OrderShipped { order_id, shipped_at: Timestamp::now() })?;
    Ok(order)
}

/// Runs on any node; it only reads.
#[handler]
async fn get_order(query: GetOrder, orders: &DocumentsView<Order>) -> Result<Order> {
    let GetOrder { order_id } = query;
    orders.get(&order_id).await?.ok_or_else(|| no_order(&order_id))
}

/// Runs on every node, for what that node alone keeps: here its log and its metrics.
#[handler]
async fn show_order_created(event: OrderCreated, metrics: &Metrics, cx: &Context) -> Result<()> {
    let OrderCreated { order_id, customer_id, total_amount } = event;
    let node = cx.node();
    info!(node, %order_id, customer_id, %total_amount, "Node {node} received OrderCreated");
    metrics.record(|| counter!("orders_created_total").increment(1));
    Ok(())
}

/// Runs on every node.
#[handler]
async fn show_order_shipped(event: OrderShipped, metrics: &Metrics, cx: &Context) -> Result<()> {
    let OrderShipped { order_id, shipped_at } = event;
    let node = cx.node();
    info!(node, %order_id, %shipped_at, "Node {node} received OrderShipped");
    metrics.record(|| counter!("orders_shipped_total").increment(1));
    Ok(())
}

/// Runs on one node of the service, and again while the provider says so. A mail that bounces ends as a dead letter.
///
/// No commit can take a mail back, and no mark knows of it if this node dies before its commit. So it is sent at least once, and the
/// provider is told the message's id, by which it knows a mail that it has.
#[handler(role = "worker", once_per = "service", retry(attempts = 5, immediate = 0, first = "100ms"))]
async fn send_receipt(event: OrderCreated, mailer: &Mailer, cx: &Context) -> Result<()> {
    let OrderCreated { order_id, customer_id, .. } = event;
    let (node, attempt) = (cx.node(), cx.attempt());
    info!(node, %order_id, customer_id, attempt, "Node {node} sending a receipt");
    mailer.send(cx.message_id(), &customer_id)?;
    info!(node, %order_id, customer_id, attempt, "Node {node} sent a receipt");
    Ok(())
}

fn no_order(id: &OrderId) -> Error {
    Error::not_found(format!("there is no order {id}"))
}
