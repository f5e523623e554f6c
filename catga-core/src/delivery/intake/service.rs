use std::collections::VecDeque;
use std::mem::replace;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::transport::{Arrival, Deliveries};

use super::super::endpoint::Endpoint;
use super::super::parcel::Parcel;
use super::super::places::HandlerPlaces;
use super::super::stored;
use super::{Intake, Taken};

impl Intake {
    /// Handles messages that one node of the service gets, at most `at_once` at a time, so that one which waits keeps no other back: their effect
    /// is once.
    pub(crate) async fn take_for_service(
        self,
        endpoint: Arc<dyn Endpoint>,
        mut deliveries: Box<dyn Deliveries>,
        at_once: NonZeroUsize,
    ) {
        let handler = endpoint.handler().clone();
        let places = self.places.of_handler(at_once);
        let served = Arc::new(Served { intake: self, endpoint, places, queue: Mutex::default() });
        let intake = &served.intake;
        loop {
            let delivery = match intake.take(Some(&handler), deliveries.next()).await {
                Taken::This(Arrival::Delivery(delivery)) => delivery,
                // Such a subscription has no history to be through with.
                Taken::This(Arrival::CaughtUp) | Taken::NotNow => continue,
                Taken::Nothing => break,
            };
            served.add(Parcel::new(delivery));
            intake.gaps.note(&handler, deliveries.missed());
        }
        deliveries.close().await;
    }
}

/// What is served to one handler, by tasks that each go on to the next parcel: a task takes some kilobytes, and mostly nothing has to wait in it.
struct Served {
    intake: Intake,
    endpoint: Arc<dyn Endpoint>,
    places: HandlerPlaces,
    queue: Mutex<Queue>,
}

/// Parcels that no task has taken yet: as many as the subscription hands out, and no more. While there is one, a task is on its way.
#[derive(Default)]
struct Queue {
    parcels: VecDeque<Parcel>,
    /// Whether a task is on its way.
    is_met: bool,
}

impl Served {
    fn add(self: &Arc<Self>, parcel: Parcel) {
        let mut queue = self.queue();
        queue.parcels.push_back(parcel);
        self.meet(queue);
    }

    fn next(self: &Arc<Self>) -> Option<Parcel> {
        let mut queue = self.queue();
        let parcel = queue.parcels.pop_front()?;
        // Whoever has taken this one may have to wait with it.
        self.meet(queue);
        Some(parcel)
    }

    /// Sees to it that a task is on its way, if there is something for it.
    fn meet(self: &Arc<Self>, mut queue: MutexGuard<'_, Queue>) {
        if !queue.parcels.is_empty() && !replace(&mut queue.is_met, true) {
            drop(queue);
            self.intake.runs.spawn(self.clone().serve());
        }
    }

    async fn serve(self: Arc<Self>) {
        self.queue().is_met = false;
        while let Some(parcel) = self.next() {
            self.handle(parcel).await;
        }
    }

    async fn handle(&self, parcel: Parcel) {
        let Self { intake, endpoint, places, .. } = self;
        // What hasn't begun when the node shuts down goes to others at once.
        let place = intake.stopping.run_until_cancelled(parcel.while_kept(pin!(places.take()))).await;
        if place.is_some() {
            stored::handle(&intake.home, &intake.gate, &**endpoint, parcel).await;
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
