use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::envelope::{Envelope, Reply};
use crate::error::{Error, Result};
use crate::mediator::Home;
use crate::retry::{Failure, Next, Retry};
use crate::runtime::{self, Tasks};
use crate::transport::{Arrival, Deliveries, Delivery, RequestDelivery, Requests};

use super::endpoint::{Arrived, Endpoint};
use super::inbox;
use super::run::run;

/// How often a node shows that it works on something.
const SIGN_EVERY: Duration = Duration::from_millis(500);

/// Handlers by their messages' wire names.
pub(crate) type Endpoints = BTreeMap<&'static str, Vec<Arc<dyn Endpoint>>>;

/// Takes what arrives at a node by one of its subscriptions, and brings it to the handlers that it is for.
#[derive(Clone)]
pub(crate) struct Intake {
    pub(crate) home: Arc<Home>,
    pub(crate) endpoints: Arc<Endpoints>,
    /// The runs of handlers; the node waits for them when it shuts down.
    pub(crate) runs: Tasks,
    /// Ends when the node shuts down.
    pub(crate) stopping: CancellationToken,
}

impl Intake {
    /// Answers requests, each in a task of its own.
    pub(crate) async fn answer_requests(self, mut requests: Box<dyn Requests>) {
        while let Some(request) = self.unless_stopping(requests.next()).await {
            let intake = self.clone();
            self.runs.spawn(async move { intake.answer(request).await });
        }
        requests.close().await;
    }

    /// Handles messages that one node of the service gets, each in a task of its own: their effect is once.
    pub(crate) async fn take_for_service(self, mut deliveries: Box<dyn Deliveries>) {
        while let Some(arrival) = self.unless_stopping(deliveries.next()).await {
            if let Arrival::Delivery(delivery) = arrival {
                let intake = self.clone();
                self.runs.spawn(async move { intake.handle_once(delivery).await });
            }
        }
        deliveries.close().await;
    }

    /// Handles events that every node gets, in their order as far as no retry intervenes. `caught_up` is told when the history is through.
    pub(crate) async fn take_for_node(self, mut deliveries: Box<dyn Deliveries>, caught_up: oneshot::Sender<()>) {
        let mut caught_up = Some(caught_up);
        while let Some(arrival) = self.unless_stopping(deliveries.next()).await {
            match arrival {
                Arrival::Delivery(delivery) => self.handle_here(delivery).await,
                // Nobody waits any longer: the start was given up.
                Arrival::CaughtUp => drop(caught_up.take().map(|caught_up| caught_up.send(()))),
            }
        }
        deliveries.close().await;
    }

    async fn answer(&self, request: RequestDelivery) {
        let envelope = request.envelope();
        let arrived = Arrived::request(&self.home, envelope);
        let handling = async {
            match self.endpoints_of(envelope) {
                [endpoint, ..] => inbox::handle(&self.home, &**endpoint, arrived).await,
                [] => Err(Error::no_handler(format!("this node has no handler for `{}`", envelope.name))),
            }
        };
        let outcome = while_signing(SIGN_EVERY, || request.still_working(), handling).await;
        if let Err(error) = request.reply(outcome.map_or_else(Reply::Failed, Reply::Done)).await {
            tracing::warn!(error = %error.chain(), "a reply couldn't be sent");
        }
    }

    async fn handle_once(&self, delivery: Delivery) {
        let handling = async {
            match self.endpoints_of(delivery.envelope()) {
                [endpoint, ..] => match inbox::handle(&self.home, &**endpoint, Arrived::stored(&delivery)).await {
                    Ok(_) => Ok(()),
                    Err(error) => Err((self.after(&**endpoint, &delivery, delivery.attempt(), &error), error)),
                },
                // A node of another version may have it.
                [] => {
                    let next = Retry::DEFAULT.await_rollout(delivery.envelope().id, delivery.attempt());
                    Err((next, Error::no_handler("this node has no handler for it")))
                }
            }
        };
        let settled = match while_kept(&delivery, handling).await {
            Ok(()) => delivery.settle().await,
            Err((next, error)) => {
                log_failure(delivery.envelope(), &error, next);
                match next {
                    Next::Now => delivery.retry_after(Duration::ZERO).await,
                    Next::Later(delay) => delivery.retry_after(delay).await,
                    Next::Dead => delivery.dead(&error.to_string()).await,
                    Next::Drop => delivery.settle().await,
                }
            }
        };
        log_unsettled(settled);
    }

    /// Runs all handlers that an event has on this node, side by side. Those that fail are tried again aside, alone.
    async fn handle_here(&self, delivery: Delivery) {
        let endpoints = self.endpoints_of(delivery.envelope()).to_vec();
        let failed = self.run_all(&delivery, endpoints, 1).await;
        if failed.is_empty() {
            return log_unsettled(delivery.settle().await);
        }
        let intake = self.clone();
        self.runs.spawn(async move { intake.handle_again(delivery, failed).await });
    }

    async fn handle_again(&self, delivery: Delivery, mut failed: Failed) {
        let mut attempt = 1;
        while !failed.is_empty() {
            let mut again = Vec::new();
            let mut wait = Duration::ZERO;
            for (endpoint, error) in failed {
                let next = self.after(&*endpoint, &delivery, attempt, &error);
                log_failure(delivery.envelope(), &error, next);
                match next {
                    Next::Now => again.push(endpoint),
                    Next::Later(delay) => {
                        wait = wait.max(delay);
                        again.push(endpoint);
                    }
                    Next::Dead | Next::Drop => (),
                }
            }
            if self.stopping.run_until_cancelled(while_kept(&delivery, runtime::sleep(wait))).await.is_none() {
                // It wasn't settled, so it comes again where it can.
                return;
            }
            attempt += 1;
            failed = self.run_all(&delivery, again, attempt).await;
        }
        log_unsettled(delivery.settle().await);
    }

    async fn run_all(&self, delivery: &Delivery, endpoints: Vec<Arc<dyn Endpoint>>, attempt: u32) -> Failed {
        let arrived = Arrived { attempt, ..Arrived::stored(delivery) };
        let runs = endpoints.into_iter().map(|endpoint| async move {
            run(&self.home, &*endpoint, arrived).await.outcome.err().map(|error| (endpoint, error))
        });
        while_kept(delivery, join_all(runs)).await.into_iter().flatten().collect()
    }

    /// What happens after this failure of a handler for a stored message.
    fn after(&self, endpoint: &dyn Endpoint, delivery: &Delivery, attempt: u32, error: &Error) -> Next {
        let mut failure = Failure::new(endpoint.info(), delivery.envelope().id, error);
        (failure.headers, failure.attempt) = (delivery.envelope().headers(), attempt);
        self.home.after(&failure)
    }

    fn endpoints_of(&self, envelope: &Envelope) -> &[Arc<dyn Endpoint>] {
        self.endpoints.get(&*envelope.name).map_or(&[], Vec::as_slice)
    }

    /// What comes next, unless the node shuts down.
    async fn unless_stopping<T>(&self, next: impl Future<Output = Option<T>>) -> Option<T> {
        self.stopping.run_until_cancelled(next).await.flatten()
    }
}

/// Handlers that failed, and how.
type Failed = Vec<(Arc<dyn Endpoint>, Error)>;

/// Runs `work` and tells the transport meanwhile that the delivery is in good hands.
async fn while_kept<T>(delivery: &Delivery, work: impl Future<Output = T>) -> T {
    let every = delivery.patience().map_or(SIGN_EVERY, |patience| patience / 3);
    while_signing(every, || async { drop(delivery.still_working().await) }, work).await
}

/// Runs `work` and gives a sign of life now and then meanwhile.
async fn while_signing<T, S: Future<Output = ()>>(
    every: Duration,
    sign: impl Fn() -> S,
    work: impl Future<Output = T>,
) -> T {
    tokio::select! {
        biased;
        output = work => output,
        never = sign_always(every, sign) => match never {},
    }
}

async fn sign_always<S: Future<Output = ()>>(every: Duration, sign: impl Fn() -> S) -> Infallible {
    loop {
        runtime::sleep(every).await;
        sign().await;
    }
}

fn log_failure(envelope: &Envelope, error: &Error, next: Next) {
    let then = match next {
        Next::Now => "it is tried again at once",
        Next::Later(_) => "it is tried again later",
        Next::Dead => "it is given up",
        Next::Drop => "it is dropped",
    };
    tracing::warn!(message = %envelope.name, id = %envelope.id, error = %error.chain(), "a handler failed; {then}");
}

fn log_unsettled(settled: Result<()>) {
    if let Err(error) = settled {
        tracing::warn!(error = %error.chain(), "a delivery couldn't be settled; it may come again");
    }
}
