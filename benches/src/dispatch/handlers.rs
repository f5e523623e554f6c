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

/// What the handlers of [`Added`] leave behind, so that none of them is optimised away.
#[derive(Default)]
pub(super) struct Total(std::sync::atomic::AtomicU64);

impl Total {
    fn add(&self, sum: u64) {
        self.0.fetch_add(sum, std::sync::atomic::Ordering::Relaxed);
    }
}

#[handler]
async fn first(event: &Added, total: &Total) -> Result<()> {
    total.add(event.sum);
    Ok(())
}

#[handler]
async fn second(event: &Added, total: &Total) -> Result<()> {
    total.add(event.sum);
    Ok(())
}

#[handler]
async fn third(event: &Added, total: &Total) -> Result<()> {
    total.add(event.sum);
    Ok(())
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
    let builder = Mediator::builder().provide(Base(1)).provide(Total::default());
    let builder = (0..behaviors).fold(builder, |builder, _| builder.behavior(NoOp));
    builder.build().unwrap_or_else(|error| panic!("{error}"))
}

/// A node with all handlers of this program.
pub(super) async fn node() -> Node {
    let builder = Catga::builder("bench").provide(Base(1)).provide(Total::default());
    builder.start().await.unwrap_or_else(|error| panic!("{error}"))
}
