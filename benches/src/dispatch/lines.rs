use std::future::Future;
use std::hint::black_box;

use catga::codec::{BodyLimit, Codec};
use catga::envelope::Envelope;
use catga::message::MessageId;
use catga_benches_raw::dispatch::{self as raw, Adder};
use catga_benches_raw::order as raw_order;
use tokio::runtime::{Builder, Runtime};

use super::handlers::{Add, Added, CreateOrder, Item, mediator, node};
use crate::measure::{Line, Run};

/// All lines of the bench.
pub(super) const ALL: &[Line] = &[
    Line { name: "bare", prepare: bare },
    Line { name: "plain", prepare: plain },
    Line { name: "send", prepare: send },
    Line { name: "bare-3", prepare: bare_3 },
    Line { name: "publish", prepare: publish },
    Line { name: "behaviors-0", prepare: || behaviors(0) },
    Line { name: "behaviors-1", prepare: || behaviors(1) },
    Line { name: "behaviors-4", prepare: || behaviors(4) },
    Line { name: "bare-order", prepare: bare_order },
    Line { name: "order", prepare: order },
];

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap_or_else(|error| panic!("{error}"))
}

/// Runs `once` in turn, all in one `block_on`.
fn repeated<F: Future>(runtime: Runtime, once: impl Fn(u64) -> F + 'static) -> Run {
    Box::new(move |times| {
        runtime.block_on(async {
            for round in 0..times {
                black_box(once(round).await);
            }
        });
    })
}

/// A node and what else is shared lives as long as the program, so that a run only borrows it.
fn kept<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn bare() -> Run {
    let handler = kept(raw::boxed());
    repeated(runtime(), move |round| async move {
        black_box(handler).handle(raw::Add { left: round, right: 2 }).await.map(|sum| sum.sum)
    })
}

fn plain() -> Run {
    let adder = kept(Adder { base: 1 });
    repeated(runtime(), move |round| async move {
        raw::plain(black_box(adder), raw::Add { left: round, right: 2 }).await.map(|sum| sum.sum)
    })
}

fn send() -> Run {
    let runtime = runtime();
    let node = kept(runtime.block_on(node()));
    repeated(runtime, move |round| async move {
        black_box(node).send(Add { left: round, right: 2 }).await.map(|sum| sum.sum).map_err(|_| ())
    })
}

fn behaviors(count: usize) -> Run {
    let mediator = kept(mediator(count));
    repeated(runtime(), move |round| async move {
        black_box(mediator).send(Add { left: round, right: 2 }).await.map(|sum| sum.sum).map_err(|_| ())
    })
}

fn bare_3() -> Run {
    let handlers = kept([raw::boxed(), raw::boxed(), raw::boxed()]);
    repeated(runtime(), move |round| async move {
        for handler in black_box(handlers) {
            black_box(handler.handle(raw::Add { left: round, right: 2 }).await.map(|sum| sum.sum).is_ok());
        }
    })
}

fn publish() -> Run {
    let mediator = kept(mediator(0));
    repeated(runtime(), move |round| async move { black_box(mediator).publish(Added { sum: round }).await.is_ok() })
}

fn bare_order() -> Run {
    let item = |name: &str| raw_order::Item {
        product_id: "PROD-001".to_owned(),
        product_name: name.to_owned(),
        quantity: 1,
        unit_price: 99_999,
    };
    let order =
        raw_order::CreateOrder { customer_id: "CUST-001".to_owned(), items: vec![item("Laptop"), item("Mouse")] };
    repeated(runtime(), move |_| {
        let bytes = raw_order::encode(black_box(&order)).unwrap_or_default();
        std::future::ready(raw_order::decode(black_box(&bytes)).is_ok())
    })
}

fn order() -> Run {
    let item = |name: &str| Item {
        product_id: "PROD-001".to_owned(),
        product_name: name.to_owned(),
        quantity: 1,
        unit_price: 99_999,
    };
    let order = CreateOrder { customer_id: "CUST-001".to_owned(), items: vec![item("Laptop"), item("Mouse")] };
    let (id, limit) = (MessageId::new(), BodyLimit::default());
    repeated(runtime(), move |_| {
        let envelope = Envelope::of(id, black_box(&order), Codec::Bincode, limit);
        std::future::ready(envelope.and_then(|envelope| black_box(envelope).decode::<CreateOrder>(limit)).is_ok())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_write_the_same_bytes() {
        let raw_item =
            raw_order::Item { product_id: "p".into(), product_name: "n".into(), quantity: 3, unit_price: 700 };
        let raw = raw_order::CreateOrder { customer_id: "c".into(), items: vec![raw_item] };
        let item = Item { product_id: "p".into(), product_name: "n".into(), quantity: 3, unit_price: 700 };
        let ours = CreateOrder { customer_id: "c".into(), items: vec![item] };
        let envelope = Envelope::of(MessageId::new(), &ours, Codec::Bincode, BodyLimit::default()).unwrap();
        assert_eq!(envelope.body, raw_order::encode(&raw).unwrap());
        assert_eq!(raw_order::decode(&envelope.body).unwrap(), raw);
    }

    #[test]
    fn each_line_runs() {
        for line in ALL {
            (line.prepare)()(3);
        }
    }
}
