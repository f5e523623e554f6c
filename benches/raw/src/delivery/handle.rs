use super::messages::{Leaving, Order, OrderPlaced, PlaceOrder, Placed, Work, decode, encode, new_id};
use super::store::{Begun, Handler, Store, Unit};

/// Whether the message is through: now, or before.
pub(super) fn once(store: &Store, work: &Work) -> bool {
    let mark = (Handler::PlaceOrder, work.id);
    let token = match store.begin(mark) {
        Begun::New(token) => token,
        Begun::Busy => return false,
        Begun::Done(_) => return true,
    };
    let Some((order, answer)) = decode::<PlaceOrder>(&work.body).map(place) else { return false };
    let event = placed(work, &order);
    let unit = Unit { key: order.order, document: encode(&order), event, answer: encode(&answer) };
    store.commit(mark, token, unit)
}

/// What is to be published; `None` if the message can't be handled.
pub(super) fn at_least_once(work: &Work) -> Option<Leaving> {
    let (order, answer) = decode::<PlaceOrder>(&work.body).map(place)?;
    std::hint::black_box(&answer);
    Some(placed(work, &order))
}

/// The handler.
fn place(command: PlaceOrder) -> (Order, Placed) {
    let PlaceOrder { order, customer_id, items } = command;
    let total = items.iter().map(|item| u64::from(item.quantity) * item.unit_price).sum();
    (Order { order, customer_id, items, total }, Placed { order, total })
}

fn placed(work: &Work, order: &Order) -> Leaving {
    let Order { order, ref customer_id, total, .. } = *order;
    let body = encode(&OrderPlaced { order, customer_id: customer_id.clone(), total }).into();
    Leaving { id: new_id(), correlation: work.id, causation: work.id, body }
}
