use std::num::NonZeroUsize;
use std::sync::Arc;

use crate::transport::{Arrival, Deliveries};

use super::super::endpoint::Endpoint;
use super::super::parcel::Parcel;
use super::super::places::HandlerPlaces;
use super::super::stored;
use super::{Intake, Taken};

impl Intake {
    /// Handles messages that one node of the service gets, each in a task of its own, at most `at_once` at a time: their effect is once.
    pub(crate) async fn take_for_service(
        self,
        endpoint: Arc<dyn Endpoint>,
        mut deliveries: Box<dyn Deliveries>,
        at_once: NonZeroUsize,
    ) {
        let places = self.places.of_handler(at_once);
        let handler = endpoint.info().identity();
        loop {
            let delivery = match self.take(Some(&handler), deliveries.next()).await {
                Taken::This(Arrival::Delivery(delivery)) => delivery,
                // Such a subscription has no history to be through with.
                Taken::This(Arrival::CaughtUp) | Taken::NotNow => continue,
                Taken::Nothing => break,
            };
            let (intake, endpoint, places) = (self.clone(), endpoint.clone(), places.clone());
            self.runs.spawn(async move { intake.handle(&*endpoint, &places, Parcel::new(delivery)).await });
            self.gaps.note(&handler, deliveries.missed());
        }
        deliveries.close().await;
    }

    async fn handle(&self, endpoint: &dyn Endpoint, places: &HandlerPlaces, parcel: Parcel) {
        // What hasn't begun when the node shuts down goes to others at once.
        let place = self.stopping.run_until_cancelled(parcel.while_kept(places.take())).await;
        if place.is_some() {
            stored::handle(&self.home, &self.gate, endpoint, parcel).await;
        }
    }
}
