//! Orders: what an order is, the messages about it, and the handlers that they reach.
//!
//! Nothing here knows of HTTP; whoever adds a feature begins in `messages` and `handlers`.

mod handlers;
mod messages;
mod money;
mod order;

pub(crate) use messages::{CreateOrder, GetOrder, OrderReceipt, ShipOrder};
pub(crate) use money::Money;
pub(crate) use order::{Order, OrderId, OrderItem, OrderStatus};
