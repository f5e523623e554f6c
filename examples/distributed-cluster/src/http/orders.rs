use axum::{
    Json,
    extract::{FromRequestParts, Path, State},
    http::{StatusCode, header::LOCATION, request::Parts},
    response::IntoResponse,
};
use catga::{Error, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    App,
    amount::Amount,
    body::{JsonBody, objects},
    header::IdempotencyKey,
    problem::Problem,
};
use crate::orders::{CreateOrder, GetOrder, Order, OrderId, OrderItem, OrderReceipt, OrderStatus, ShipOrder};

/// Places an order
#[utoipa::path(post, path = "/orders", tag = "orders", params(IdempotencyKey), request_body = NewOrder, responses(
    (status = 201, body = Receipt, headers(("Location" = String, description = "Where the order is"))),
    (status = 400, body = Problem, content_type = "application/problem+json", description = "What is wrong, and in which field"),
    (status = 408, body = Problem, content_type = "application/problem+json", description = "The body didn't arrive within 10 seconds"),
    (status = 413, body = Problem, content_type = "application/problem+json", description = "More than 64 KiB"),
    (status = 415, body = Problem, content_type = "application/problem+json", description = "No JSON"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "The key was used before, with another body"),
    (status = 500, body = Problem, content_type = "application/problem+json", description = "The service failed"),
    (status = 503, body = Problem, content_type = "application/problem+json", description = "The node is starting, or nobody can answer now"),
    (status = 504, body = Problem, content_type = "application/problem+json", description = "No answer came in time; a change may have been made all the same"),
))]
pub(super) async fn create(
    State(app): State<App>,
    key: IdempotencyKey,
    JsonBody(order): JsonBody<NewOrder>,
) -> Result<impl IntoResponse> {
    let receipt = key.of(app.node()?.send(CreateOrder::from(order))).await?;
    let location = format!("/orders/{}", receipt.order_id);
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(Receipt::from(receipt))))
}

/// Shows an order
#[utoipa::path(get, path = "/orders/{orderId}", tag = "orders", params(("orderId" = String, Path)), responses(
    (status = 200, body = ShownOrder),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "There is none of this id"),
    (status = 500, body = Problem, content_type = "application/problem+json", description = "The service failed"),
    (status = 503, body = Problem, content_type = "application/problem+json", description = "The node is starting, or nobody can answer now"),
    (status = 504, body = Problem, content_type = "application/problem+json", description = "No answer came in time"),
))]
pub(super) async fn get(State(app): State<App>, NamedOrder(order_id): NamedOrder) -> Result<Json<ShownOrder>> {
    let order = app.node()?.send(GetOrder { order_id }).await?;
    Ok(Json(order.into()))
}

/// Ships an order
#[utoipa::path(post, path = "/orders/{orderId}/ship", tag = "orders", params(("orderId" = String, Path), IdempotencyKey), responses(
    (status = 200, body = ShownOrder),
    (status = 400, body = Problem, content_type = "application/problem+json", description = "What is wrong with the header"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "There is none of this id"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "It was shipped already"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "The key was used before, for another order"),
    (status = 500, body = Problem, content_type = "application/problem+json", description = "The service failed"),
    (status = 503, body = Problem, content_type = "application/problem+json", description = "The node is starting, or nobody can answer now"),
    (status = 504, body = Problem, content_type = "application/problem+json", description = "No answer came in time; a change may have been made all the same"),
))]
pub(super) async fn ship(
    State(app): State<App>,
    NamedOrder(order_id): NamedOrder,
    key: IdempotencyKey,
) -> Result<Json<ShownOrder>> {
    let order = key.of(app.node()?.send(ShipOrder { order_id })).await?;
    Ok(Json(order.into()))
}

/// The order that the path names. A text that no order can have as its id is as unknown as one that none has.
pub(super) struct NamedOrder(OrderId);

impl<S: Send + Sync> FromRequestParts<S> for NamedOrder {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let path = Path::<String>::from_request_parts(parts, state).await.ok();
        let id = path.and_then(|Path(text)| OrderId::parse(&text));
        id.map(Self).ok_or_else(|| Error::not_found("no order has an id like this"))
    }
}

// The bodies stand beside the messages, since each changes for reasons of its own: these for whoever calls, those for the cluster.

/// An order to be placed.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewOrder {
    #[schema(example = "CUST-001", max_length = 64)]
    customer_id: String,
    #[schema(min_items = 1, max_items = 100)]
    #[serde(deserialize_with = "objects")]
    items: Vec<Item>,
}

/// One line of an order.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Item {
    #[schema(example = "PROD-001", max_length = 64)]
    product_id: String,
    #[schema(example = "Laptop", max_length = 200)]
    product_name: String,
    #[schema(example = 1, minimum = 1)]
    quantity: u32,
    unit_price: Amount,
}

/// What the customer gets for an order placed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Receipt {
    order_id: String,
    customer_id: String,
    total_amount: Amount,
    #[schema(format = DateTime)]
    created_at: String,
}

/// An order.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShownOrder {
    order_id: String,
    customer_id: String,
    items: Vec<Item>,
    total_amount: Amount,
    status: Status,
    #[schema(format = DateTime)]
    created_at: String,
}

#[derive(Serialize, ToSchema)]
enum Status {
    Created,
    Shipped,
}

impl From<NewOrder> for CreateOrder {
    fn from(order: NewOrder) -> Self {
        Self { customer_id: order.customer_id, items: order.items.into_iter().map(OrderItem::from).collect() }
    }
}

impl From<Item> for OrderItem {
    fn from(item: Item) -> Self {
        let Item { product_id, product_name, quantity, unit_price: Amount(unit_price) } = item;
        Self { product_id, product_name, quantity, unit_price }
    }
}

impl From<OrderItem> for Item {
    fn from(item: OrderItem) -> Self {
        let OrderItem { product_id, product_name, quantity, unit_price } = item;
        Self { product_id, product_name, quantity, unit_price: Amount(unit_price) }
    }
}

impl From<OrderReceipt> for Receipt {
    fn from(receipt: OrderReceipt) -> Self {
        let OrderReceipt { order_id, customer_id, total_amount, created_at } = receipt;
        let (order_id, created_at) = (order_id.to_string(), created_at.to_string());
        Self { order_id, customer_id, total_amount: Amount(total_amount), created_at }
    }
}

impl From<Order> for ShownOrder {
    fn from(order: Order) -> Self {
        let Order { id, customer_id, items, total_amount, status, created_at } = order;
        let status = match status {
            OrderStatus::Created => Status::Created,
            OrderStatus::Shipped => Status::Shipped,
        };
        Self {
            order_id: id.to_string(),
            customer_id,
            items: items.into_iter().map(Item::from).collect(),
            total_amount: Amount(total_amount),
            status,
            created_at: created_at.to_string(),
        }
    }
}
