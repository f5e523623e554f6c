use catga::prelude::*;

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = Placed)]
pub(super) struct PlaceOrder {
    pub(super) order: u64,
    pub(super) customer_id: String,
    pub(super) items: Vec<Item>,
}

#[derive(Schema, Clone, Serialize, Deserialize)]
pub(super) struct Item {
    pub(super) product_id: String,
    pub(super) quantity: u32,
    pub(super) unit_price: u64,
}

#[derive(Schema, Serialize, Deserialize)]
pub(super) struct Placed {
    pub(super) order: u64,
    pub(super) total: u64,
}

#[derive(Event, Clone, Serialize, Deserialize)]
pub(super) struct OrderPlaced {
    pub(super) order: u64,
    pub(super) customer_id: String,
    pub(super) total: u64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Order {
    order: u64,
    customer_id: String,
    items: Vec<Item>,
    total: u64,
}

impl Document for Order {
    const NAME: &'static str = "Order";
    type Key = u64;

    fn key(&self) -> u64 {
        self.order
    }
}

#[handler(unlinked)]
pub(super) async fn place_order(command: PlaceOrder, orders: &Documents<Order>, cx: &Context) -> Result<Placed> {
    let order = placed(command);
    orders.insert(cx, &order)?;
    answer(order, cx)
}

/// The same without the document, for a node without a persistence.
#[handler(unlinked)]
pub(super) async fn pass_order(command: PlaceOrder, cx: &Context) -> Result<Placed> {
    answer(placed(command), cx)
}

fn placed(command: PlaceOrder) -> Order {
    let PlaceOrder { order, customer_id, items } = command;
    let total = items.iter().map(|item| u64::from(item.quantity) * item.unit_price).sum();
    Order { order, customer_id, items, total }
}

fn answer(order: Order, cx: &Context) -> Result<Placed> {
    let Order { order, customer_id, total, .. } = order;
    cx.publish(OrderPlaced { order, customer_id, total })?;
    Ok(Placed { order, total })
}
