//! Delivery within one process, by hand: channels, the same encoding, and maps behind one lock.
//!
//! `queue` hands work to a task each, so many at a time, and gives back what wasn't settled; `store` has the maps, and `handle` what one message
//! goes through. It keeps the promises that Catga's delivery keeps while nothing fails, and leaves out what would only cost: leases aren't
//! renewed, since the handler doesn't wait; there is one relay, so it claims nothing; there are no retries, no dead letters, no shutdown.

mod handle;
mod messages;
mod queue;
mod store;

use std::sync::Arc;

use tokio::sync::mpsc;

pub use messages::{Item, OrderPlaced, PlaceOrder, Placed};

use messages::{Leaving, Work, encode, new_id};
use queue::Queue;
use store::Store;

/// How many orders are on their way at once.
pub const IN_FLIGHT: usize = 64;

/// Takes orders, and tells of each that was placed.
#[derive(Debug)]
pub struct Shop {
    work: mpsc::Sender<Work>,
    events: mpsc::Receiver<Leaving>,
}

impl Shop {
    /// One whose orders are placed once each, with a document, an answer and an event that are committed as one. Within a runtime.
    pub fn with_store() -> Self {
        let (publish, events) = mpsc::channel(queue::CAPACITY);
        let store = Arc::new(Store::default());
        tokio::spawn(store::relay(store.clone(), publish));
        let work = Queue::start(move |work: &Work| std::future::ready(handle::once(&store, work)));
        Self { work, events }
    }

    /// One that remembers nothing: its events leave when the handler has succeeded. Within a runtime.
    pub fn without_store() -> Self {
        let (publish, events) = mpsc::channel(queue::CAPACITY);
        let work = Queue::start(move |work: &Work| {
            let handled = handle::at_least_once(work);
            let publish = publish.clone();
            async move {
                match handled {
                    Some(event) => publish.send(event).await.is_ok(),
                    None => false,
                }
            }
        });
        Self { work, events }
    }

    /// Encodes an order and hands it over.
    pub async fn enqueue(&self, order: &PlaceOrder) {
        let work = Work { id: new_id(), body: encode(order).into() };
        // The receiver ends with the runtime.
        drop(self.work.send(work).await);
    }

    /// The next event that left; whether there was one.
    pub async fn next_event(&mut self) -> bool {
        self.events.recv().await.is_some()
    }
}
