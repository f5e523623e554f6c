use std::num::NonZeroUsize;
use std::sync::Arc;

use crate::transport::{Arrival, Deliveries};

use super::super::endpoint::Endpoint;
use super::super::parcel::Parcel;
use super::super::stored;
use super::Intake;

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
            let next = async {
                self.gate.open_for(&handler).await;
                self.gate.while_open_for(&handler, deliveries.next()).await
            };
            match self.stopping.run_until_cancelled(next).await {
                // The gate closed.
                Some(None) => continue,
                Some(Some(Some(Arrival::Delivery(delivery)))) => {
                    let (intake, endpoint, places) = (self.clone(), endpoint.clone(), places.clone());
                    let parcel = Parcel::new(delivery);
                    self.runs.spawn(async move {
                        // What hasn't begun when the node shuts down goes to others at once.
                        let place = intake.stopping.run_until_cancelled(parcel.while_kept(places.take())).await;
                        if place.is_some() {
                            stored::handle(&intake.home, &intake.gate, &*endpoint, parcel).await;
                        }
                    });
                }
                Some(Some(Some(Arrival::CaughtUp))) => continue,
                Some(Some(None)) | None => break,
            }
            self.gaps.note(&handler, deliveries.missed());
        }
        deliveries.close().await;
    }
}
