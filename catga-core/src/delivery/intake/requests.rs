use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use crate::envelope::{Answer, Reply};
use crate::error::{Code, Error, Result};
use crate::runtime;
use crate::transport::{RequestDelivery, Requests};

use super::super::answer::answer;
use super::super::endpoint::{Arrived, Endpoint};
use super::super::places::HandlerPlaces;
use super::super::signs::while_signing;
use super::{Intake, Taken};

/// How often a node shows the sender of a request that it has it.
const SIGN_EVERY: Duration = Duration::from_millis(500);

impl Intake {
    /// Answers the requests of one handler, each in a task of its own, at most `at_once` at a time.
    pub(crate) async fn answer_requests(
        self,
        endpoint: Arc<dyn Endpoint>,
        mut requests: Box<dyn Requests>,
        at_once: NonZeroUsize,
    ) {
        let places = self.places.of_handler(at_once);
        loop {
            // The identity of none: a request for a paused handler is taken, and answered so.
            let request = match self.take(Some(""), requests.next()).await {
                Taken::This(request) => request,
                Taken::NotNow => continue,
                Taken::Nothing => break,
            };
            let (intake, endpoint, places) = (self.clone(), endpoint.clone(), places.clone());
            self.runs.spawn(async move { intake.answer(&*endpoint, &places, request).await });
        }
        requests.close().await;
    }

    async fn answer(&self, endpoint: &dyn Endpoint, places: &HandlerPlaces, request: RequestDelivery) {
        let sign = || request.still_working();
        let outcome = while_signing(SIGN_EVERY, sign, pin!(self.handled(endpoint, places, &request))).await;
        if let Err(error) = request.reply(outcome.map_or_else(failed, Reply::Done)).await {
            tracing::warn!(error = %error.chain(), "a reply couldn't be sent");
        }
    }

    async fn handled(
        &self,
        endpoint: &dyn Endpoint,
        places: &HandlerPlaces,
        request: &RequestDelivery,
    ) -> Result<Answer> {
        let arrived = Arrived::request(&self.home, request.envelope());
        if let Some(by) = self.gate.paused_by(endpoint.info()) {
            return Err(Error::unavailable(format!("{} is paused, by {by}", endpoint.info())));
        }
        let Some(_place) = runtime::until(arrived.deadline, places.take()).await else {
            return Err(Error::timeout(format!("{} had no place for it in time", endpoint.info())));
        };
        answer(&self.home, endpoint, arrived).await
    }
}

/// What its sender is told. That trying again helps with an outcome that isn't known was said to the handler here, for its own next run.
fn failed(error: Error) -> Reply {
    let is_unknown = error.code() == Code::OutcomeUnknown;
    Reply::Failed(if is_unknown { error.retryable(false) } else { error })
}
