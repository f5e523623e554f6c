use catga::behaviors::{Answered, Behavior, Next};
use catga::prelude::*;

#[derive(Request, Serialize, Deserialize)]
#[request(response = Sum)]
pub(super) struct Add {
    pub(super) left: u64,
    pub(super) right: u64,
}

#[derive(Schema, Serialize, Deserialize)]
pub(super) struct Sum {
    pub(super) sum: u64,
}

/// Added to each sum.
pub(super) struct Base(u64);

#[handler]
async fn add(command: Add, base: &Base) -> Result<Sum> {
    Ok(Sum { sum: command.left + command.right + base.0 })
}

#[derive(Event, Clone, Serialize, Deserialize)]
pub(super) struct Added {
    pub(super) sum: u64,
}

/// As much work as the baseline's handler does, without a result to show for it.
fn work(event: &Added, base: &Base) -> Result<()> {
    std::hint::black_box(event.sum + base.0);
    Ok(())
}

#[handler]
async fn first(event: &Added, base: &Base) -> Result<()> {
    work(event, base)
}

#[handler]
async fn second(event: &Added, base: &Base) -> Result<()> {
    work(event, base)
}

#[handler]
async fn third(event: &Added, base: &Base) -> Result<()> {
    work(event, base)
}

#[derive(Request, Serialize, Deserialize, PartialEq, Debug)]
#[request(response = Sum)]
pub(super) struct CreateOrder {
    pub(super) customer_id: String,
    pub(super) items: Vec<Item>,
}

#[derive(Schema, Serialize, Deserialize, PartialEq, Debug)]
pub(super) struct Item {
    pub(super) product_id: String,
    pub(super) product_name: String,
    pub(super) quantity: u32,
    pub(super) unit_price: u64,
}

/// A behavior that only goes on.
struct NoOp;

impl Behavior for NoOp {
    async fn around(&self, next: Next<'_>) -> Result<Answered> {
        next.run().await
    }
}

/// A mediator with all handlers of this program and so many behaviors.
pub(super) fn mediator(behaviors: usize) -> Mediator {
    let builder = Mediator::builder().provide(Base(1));
    let builder = (0..behaviors).fold(builder, |builder, _| builder.behavior(NoOp));
    builder.build().unwrap_or_else(|error| panic!("{error}"))
}

/// A node with all handlers of this program.
pub(super) async fn node() -> Node {
    let builder = Catga::builder("bench").provide(Base(1));
    builder.start().await.unwrap_or_else(|error| panic!("{error}"))
}
