use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::codec::{BodyLimit, Codec, messagepack};
use crate::envelope::Answer;
use crate::error::{Code, Error, Result, WireError};
use crate::mediator::Home;
use crate::message::Kind;
use crate::persistence::{Begun, Committed, Held, Mark, Store, StoredAnswer, Unit, UnitId, UnitMark};
use crate::runtime;
use bytes::Bytes;

use super::endpoint::{Arrived, Endpoint, Ran};
use super::marks::{self, mark};
use super::run::run;

/// How long a node may be silent before another one may handle the message.
pub(super) const LEASE: Duration = Duration::from_secs(3);
/// How often a lease is renewed while the handler runs.
const RENEW_EVERY: Duration = Duration::from_secs(1);
/// How often a handler runs for one delivery while others change what it read.
const MAX_RUNS: u32 = 8;

/// Handles a message with one handler, its effect once where there is a store: what an earlier run has answered is answered again.
///
/// # Errors
///
/// The handler's own. [`Unavailable`](Code::Unavailable) if the store is away; [`OutcomeUnknown`](Code::OutcomeUnknown) if somebody else handles the
/// message for longer than this one can wait; [`KeyReused`](Code::KeyReused) if it was another message; [`Validation`](Code::Validation) if
/// it has a key and there is no store.
pub(crate) async fn handle(home: &Home, endpoint: &dyn Endpoint, arrived: Arrived<'_>) -> Result<Answer> {
    let is_query = arrived.envelope.kind == Kind::Query;
    let links = home.links().filter(|_| !is_query);
    let Some((links, store)) = links.and_then(|links| Some((links, links.store()?))) else {
        marks::check_without_store(arrived.envelope)?;
        let Ran { outcome, journal } = run(home, endpoint, arrived).await;
        let answer = outcome?;
        home.commit(Box::new(journal)).await?;
        return Ok(answer);
    };
    let mark = mark(home, links, endpoint, arrived).await?;
    let patience = arrived.patience();
    let mut runs = 0;
    while runs < MAX_RUNS {
        match begin(store, &mark).await? {
            Begun::Done(kept) => return unpack(&kept),
            Begun::Dead => return Err(Error::conflict(format!("{} gave it up before", endpoint.info()))),
            Begun::KeyReused => return Err(marks::reused(&mark)),
            Begun::Busy { left } => {
                let within = patience.saturating_duration_since(runtime::now());
                if within.is_zero() {
                    let busy = format!("{} is still busy with it elsewhere", endpoint.info());
                    return Err(Error::outcome_unknown(busy).retryable(true));
                }
                store.wait(&mark.name, left.min(within)).await?;
            }
            Begun::New { token, attempt } => {
                runs += 1;
                let held = Held { mark: mark.clone(), token };
                // What is kept outlives a deployment, so it is encoded with names.
                let arrived = Arrived { attempt, begun: true, codec: Codec::MessagePack, ..arrived };
                if let Some(outcome) = run_held(home, store, endpoint, arrived, held).await? {
                    return outcome;
                }
            }
        }
    }
    Err(Error::unavailable(format!("what {} reads keeps changing, {MAX_RUNS} times in a row", endpoint.info())))
}

/// One run under a mark: the answer, or `None` if nothing was committed and another run may follow at once.
async fn run_held(
    home: &Home,
    store: &Arc<dyn Store>,
    endpoint: &dyn Endpoint,
    arrived: Arrived<'_>,
    held: Held,
) -> Result<Option<Result<Answer>>> {
    let Some(ran) = while_renewed(store, &held, run(home, endpoint, arrived)).await else {
        return Err(Error::unavailable(format!("{} was cancelled: this node lost its lease", endpoint.info())));
    };
    if ran.outcome.as_ref().is_err_and(|error| !marks::is_final(error)) {
        store.abandon(&held, true).await?;
        return Ok(Some(ran.outcome));
    }
    let (ran, answer) = keep(ran)?;
    let unit = Unit { id: UnitId::new(), mark: UnitMark::Held(held.clone()), journal: ran.journal, answer };
    match commit_resolved(store.clone(), unit).await {
        Ok(Committed::Done) => Ok(Some(ran.outcome)),
        Ok(Committed::DoneBefore(kept)) => Ok(Some(unpack(&kept))),
        Ok(Committed::Lost) => Ok(None),
        Ok(Committed::Moved) => {
            store.abandon(&held, false).await?;
            Ok(None)
        }
        Err(error) if error.can_retry() => {
            store.abandon(&held, true).await?;
            Err(error)
        }
        // No run of it could be committed (it inserts what exists): that is its answer.
        Err(error) => Ok(Some(commit_failure(store, held, error).await)),
    }
}

/// Keeps an error as the answer.
async fn commit_failure(store: &Arc<dyn Store>, held: Held, error: Error) -> Result<Answer> {
    let (ran, answer) = keep(Ran::failed(error))?;
    let unit = Unit { id: UnitId::new(), mark: UnitMark::Held(held), journal: ran.journal, answer };
    match commit_resolved(store.clone(), unit).await? {
        Committed::DoneBefore(kept) => unpack(&kept),
        _ => ran.outcome,
    }
}

/// Commits, in a task of its own, so that a commit that has begun finishes though its caller be dropped. An outcome that was lost is
/// asked for, never guessed.
pub(crate) async fn commit_resolved(store: Arc<dyn Store>, unit: Unit) -> Result<Committed> {
    let id = unit.id;
    let committing = runtime::spawn(async move {
        match store.commit(unit).await {
            Err(error) if error.code() == Code::OutcomeUnknown => match store.resolve(id).await {
                Ok(true) => Ok(Committed::Done),
                Ok(false) => Err(Error::unavailable("the store lost the commit").with_source(error)),
                Err(_) => Err(error),
            },
            outcome => outcome,
        }
    });
    committing
        .await
        .unwrap_or_else(|ended| Err(Error::outcome_unknown("the commit was interrupted").with_source(ended)))
}

async fn begin(store: &Arc<dyn Store>, mark: &Mark) -> Result<Begun> {
    let mut begun = store.begin(std::slice::from_ref(mark), LEASE).await?;
    begun.pop().ok_or_else(|| Error::internal("the store began no mark, though it was asked to begin one"))
}

/// Runs `work` and renews the lease meanwhile; `None` as soon as the lease is known to be lost, with `work` dropped.
async fn while_renewed<T>(store: &Arc<dyn Store>, held: &Held, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        output = work => Some(output),
        () = lease_lost(store, held) => None,
    }
}

/// Renews the lease again and again; returns when it is known to be lost.
async fn lease_lost(store: &Arc<dyn Store>, held: &Held) {
    let mut known_until = runtime::after(LEASE);
    loop {
        runtime::sleep(RENEW_EVERY).await;
        let asked = runtime::now();
        match runtime::until(Some(known_until), store.renew(std::slice::from_ref(held), LEASE)).await {
            Some(Ok(still)) if still.first() == Some(&true) => known_until = asked + LEASE,
            Some(Ok(_)) | None => return,
            // The store is away: the lease we know of may still last until the next try.
            Some(Err(_)) if runtime::now() < known_until => (),
            Some(Err(_)) => return,
        }
    }
}

/// What is kept of an outcome under its mark, as MessagePack with names.
#[derive(Serialize, Deserialize)]
enum Outcome {
    Done(Answered),
    Failed(WireError),
}

/// A response that is kept.
#[derive(Serialize, Deserialize)]
struct Answered {
    body: Bytes,
}

/// What is kept of a run. One whose response is too large to be kept has failed, and leaves nothing else.
fn keep(ran: Ran) -> Result<(Ran, StoredAnswer)> {
    match pack(&ran.outcome) {
        Ok(kept) => Ok((ran, kept)),
        Err(too_large) => {
            let ran = Ran::failed(too_large.retryable(false));
            let kept = pack(&ran.outcome)?;
            Ok((ran, kept))
        }
    }
}

fn pack(outcome: &Result<Answer>) -> Result<StoredAnswer> {
    let outcome = match outcome {
        Ok(answer) => Outcome::Done(Answered { body: answer.body.clone() }),
        Err(error) => Outcome::Failed(WireError::from(error)),
    };
    StoredAnswer::new(messagepack::encode(&outcome, BodyLimit::MAX)?)
}

fn unpack(kept: &StoredAnswer) -> Result<Answer> {
    match messagepack::decode(kept.bytes())? {
        Outcome::Done(Answered { body }) => Ok(Answer { codec: Codec::MessagePack, fingerprint: None, body }),
        Outcome::Failed(error) => Err(error.into()),
    }
}
