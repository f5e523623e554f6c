use catga::prelude::*;
use jiff::Timestamp;

use super::{Money, Order, OrderId, OrderItem};

/// Places an order.
#[derive(Request, Clone, Debug, Serialize, Deserialize)]
#[request(response = OrderReceipt)]
pub(crate) struct CreateOrder {
    pub(crate) customer_id: String,
    pub(crate) items: Vec<OrderItem>,
}

/// What the customer gets for an order placed.
#[derive(Clone, Debug, Serialize, Deserialize, Schema)]
pub(crate) struct OrderReceipt {
    pub(crate) order_id: OrderId,
    pub(crate) customer_id: String,
    pub(crate) total_amount: Money,
    pub(crate) created_at: Timestamp,
}

/// Looks an order up.
#[derive(Request, Clone, Debug, Serialize, Deserialize)]
#[request(response = Order, query)]
pub(crate) struct GetOrder {
    pub(crate) order_id: OrderId,
}

/// Ships an order; answers with the order as it then is.
#[derive(Request, Clone, Debug, Serialize, Deserialize)]
#[request(response = Order)]
pub(crate) struct ShipOrder {
    pub(crate) order_id: OrderId,
}

/// An order was placed.
#[derive(Event, Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OrderCreated {
    pub(crate) order_id: OrderId,
    pub(crate) customer_id: String,
    pub(crate) total_amount: Money,
}

/// An order was shipped.
#[derive(Event, Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OrderShipped {
    pub(crate) order_id: OrderId,
    pub(crate) shipped_at: Timestamp,
}

impl From<Order> for OrderReceipt {
    fn from(order: Order) -> Self {
        let Order { id: order_id, customer_id, total_amount, created_at, .. } = order;
        Self { order_id, customer_id, total_amount, created_at }
    }
}
