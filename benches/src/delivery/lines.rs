use std::num::NonZeroUsize;

use catga::Result;
use catga::node::Node;
use catga::persistence::InMemory as Persistence;
use catga::prelude::*;
use catga::transport::{Arrival, Deliveries, InMemory as Transport, Link, Member, Source, Start, Subscription};
use catga_benches_raw::delivery as raw;
use tokio::runtime::{Builder, Runtime};

use super::handlers::{self, Item, PlaceOrder};
use crate::measure::{Line, Run};

/// All lines of the bench.
pub(super) const ALL: &[Line] = &[
    Line { name: "by-hand", prepare: || by_hand(raw::Shop::with_store) },
    Line { name: "delivery", prepare: || delivery(true) },
    Line { name: "by-hand-without-maps", prepare: || by_hand(raw::Shop::without_store) },
    Line { name: "delivery-without-persistence", prepare: || delivery(false) },
];

const IN_FLIGHT: NonZeroUsize = NonZeroUsize::new(raw::IN_FLIGHT).unwrap();
const CUSTOMER: &str = "CUST-001";
/// The items of each order: product, quantity, price.
const ITEMS: [(&str, u32, u64); 2] = [("PROD-001", 1, 99_999), ("PROD-002", 2, 2_999)];

/// One thread for both sides: what is measured is the work that a message takes, not how two cores get into each other's way, and it is the same
/// on a machine where others work as well.
pub(super) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap_or_else(|error| panic!("{error}"))
}

fn by_hand(open: fn() -> raw::Shop) -> Run {
    let runtime = runtime();
    let mut shop = runtime.block_on(async { open() });
    let mut next = 0;
    Box::new(move |times| {
        runtime.block_on(async {
            for arrived in 0..times + IN_FLIGHT.get() as u64 {
                // The first ones fill the way; then one is sent for each that arrives.
                if arrived >= IN_FLIGHT.get() as u64 {
                    assert!(shop.next_event().await, "each order is placed");
                }
                if arrived < times {
                    next += 1;
                    shop.enqueue(&raw_order(next)).await;
                }
            }
        });
    })
}

fn delivery(stores: bool) -> Run {
    let runtime = runtime();
    let (node, mut events) = runtime.block_on(start(stores)).unwrap_or_else(|error| panic!("{error}"));
    let mut next = 0;
    Box::new(move |times| {
        runtime.block_on(async {
            for arrived in 0..times + IN_FLIGHT.get() as u64 {
                if arrived >= IN_FLIGHT.get() as u64 {
                    events.next().await;
                }
                if arrived < times {
                    next += 1;
                    node.enqueue(order(next)).await.unwrap_or_else(|error| panic!("{error}"));
                }
            }
        });
    })
}

/// A node that places orders, and what sees its events at the transport's other end.
async fn start(stores: bool) -> Result<(Node, Events)> {
    let transport = Transport::new();
    let node = Catga::builder("orders").transport(transport.clone()).concurrency(IN_FLIGHT);
    let node = if stores {
        node.handlers(handlers![handlers::place_order]).persistence(Persistence::new())
    } else {
        node.handlers(handlers![handlers::pass_order])
    };
    Ok((node.start().await?, Events::of(&transport).await?))
}

/// The events of the cluster, as its transport hands them to another service.
pub(super) struct Events {
    deliveries: Box<dyn Deliveries>,
    /// Its subscription lives as long as this.
    _link: std::sync::Arc<dyn Link>,
}

impl Events {
    async fn of(transport: &Transport) -> Result<Self> {
        let link = catga::transport::Transport::join(transport, Member::new("default", "audit", "audit-1")?).await?;
        let source = Source::Node { events: vec!["OrderPlaced".to_owned()], start: Start::Now };
        let deliveries = link.subscribe(Subscription { source, in_flight: IN_FLIGHT }).await?;
        Ok(Self { deliveries, _link: link })
    }

    async fn next(&mut self) {
        let Some(Arrival::Delivery(delivery)) = self.deliveries.next().await else { panic!("each order is placed") };
        delivery.settle().await.unwrap_or_else(|error| panic!("{error}"));
    }
}

pub(super) fn order(order: u64) -> PlaceOrder {
    let item = |(product, quantity, unit_price): (&str, u32, u64)| Item {
        product_id: product.to_owned(),
        quantity,
        unit_price,
    };
    PlaceOrder { order, customer_id: CUSTOMER.to_owned(), items: ITEMS.map(item).into() }
}

fn raw_order(order: u64) -> raw::PlaceOrder {
    let item = |(product, quantity, unit_price): (&str, u32, u64)| raw::Item {
        product_id: product.to_owned(),
        quantity,
        unit_price,
    };
    raw::PlaceOrder { order, customer_id: CUSTOMER.to_owned(), items: ITEMS.map(item).into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_runs() {
        for line in ALL {
            (line.prepare)()(100);
        }
    }
}
