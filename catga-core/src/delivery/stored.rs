use std::pin::pin;
use std::time::Duration;

use crate::envelope::Envelope;
use crate::error::{Error, Result};
use crate::mediator::Home;
use crate::persistence::Committed;
use crate::retry::Next;

use super::again::{again, id_of, is_for, letter};
use super::backoff::Backoff;
use super::endpoint::{Arrived, Endpoint};
use super::gate::Gate;
use super::handling::{Failed, Handling, Tried};
use super::parcel::{Parcel, Through};

/// Handles a stored message that one node of the service gets: in the end its delivery is settled or put off, and if the message was given
/// up, it is a dead letter.
pub(super) async fn handle(home: &Home, gate: &Gate, endpoint: &dyn Endpoint, parcel: Parcel) {
    if !is_for(parcel.envelope(), endpoint.info(), home) {
        return parcel.settle(Through::seen()).await;
    }
    let envelope = parcel.envelope().clone();
    let handling = Handling::new(home, endpoint, Arrived::stored(&envelope, parcel.attempt()));
    let is_too_old = parcel.is_too_old();
    let mut before = 0;
    loop {
        let tried = if is_too_old {
            handling.refuse(too_old(endpoint)).await
        } else {
            parcel.while_kept(pin!(handling.attempt(before))).await
        };
        let failed = match tried {
            Tried::Through(through, _) => return parcel.settle(through).await,
            Tried::Busy(_, lease) => return parcel.retry_after(lease).await,
            Tried::Away(error) => {
                // Without a store it was the transport, and nobody would open the gate again.
                if handling.store().is_some() {
                    gate.close(&error);
                }
                return wait(parcel, &error).await;
            }
            Tried::Stopped(error) => return wait(parcel, &error).await,
            Tried::Failed(failed) if is_too_old => return Ending { handling: &handling, parcel, failed }.bury().await,
            Tried::Failed(failed) => failed,
        };
        match handling.next(&failed) {
            Next::Now => {
                before += 1;
                failed.give_up(true).await;
            }
            Next::Later(delay) => return Ending { handling: &handling, parcel, failed }.put_off(delay).await,
            Next::Dead => return Ending { handling: &handling, parcel, failed }.bury().await,
            Next::Drop => return Ending { handling: &handling, parcel, failed }.forget().await,
        }
    }
}

/// It comes again after a while, through no fault of the handler's.
async fn wait(parcel: Parcel, why: &Error) {
    let Envelope { name, id, .. } = parcel.envelope();
    tracing::debug!(%name, %id, error = %why.chain(), "a message comes again, and this was no attempt");
    let pause = Backoff::nth(parcel.attempt());
    parcel.retry_after(pause).await;
}

/// The last failed attempt that is made for one delivery.
struct Ending<'a> {
    handling: &'a Handling<'a>,
    parcel: Parcel,
    failed: Failed<'a>,
}

impl Ending<'_> {
    /// It comes again after this time: by the transport, or where that can't put it off for so long, from the store.
    async fn put_off(self, delay: Duration) {
        self.handling.log(&self.failed, "it is tried again later");
        let Failed { claim, .. } = self.failed;
        let Some(claim) = claim else { return self.parcel.retry_after(delay).await };
        if self.parcel.can_wait(delay) {
            claim.give_up(true).await;
            return self.parcel.retry_after(delay).await;
        }
        let (home, info, envelope) = (self.handling.home, self.handling.endpoint.info(), self.parcel.envelope());
        let kept = match again(envelope, home.service(), &id_of(envelope, info, home.node_name())) {
            Ok(again) => claim.put_off(again, delay).await,
            Err(error) => Err(error),
        };
        end(self.parcel, kept).await;
    }

    /// It is given up for this handler, and kept.
    async fn bury(self) {
        self.handling.log(&self.failed, "it is given up");
        let Failed { error, attempt, claim } = self.failed;
        let home = self.handling.home;
        let letter = letter(self.parcel.envelope(), self.handling.endpoint.info(), &error, attempt, home.node_name());
        let kept = match (claim, self.handling.store()) {
            (Some(claim), _) => claim.bury(letter).await,
            (None, Some(store)) => store.bury(letter, None).await,
            (None, None) => return self.parcel.give_up(&error.to_string()).await,
        };
        end(self.parcel, kept).await;
    }

    /// It is given up for this handler, and nothing is kept.
    async fn forget(self) {
        self.handling.log(&self.failed, "its policy drops it");
        let Failed { error, claim, .. } = self.failed;
        let kept = match claim {
            None => Ok(true),
            Some(claim) => claim.keep(&error).await.map(|kept| kept != Committed::Lost),
        };
        end(self.parcel, kept).await;
    }
}

/// Settles what is kept elsewhere; what isn't comes again.
async fn end(parcel: Parcel, kept: Result<bool>) {
    match kept {
        Ok(true) => parcel.settle(Through::seen()).await,
        Ok(false) => wait(parcel, &Error::outcome_unknown("this node lost its lease")).await,
        Err(error) => wait(parcel, &error).await,
    }
}

#[cold]
fn too_old(endpoint: &dyn Endpoint) -> Error {
    Error::timeout(format!("it waited for {} for more than 7 days", endpoint.info()))
}
