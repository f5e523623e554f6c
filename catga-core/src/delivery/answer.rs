use std::time::Duration;

use crate::envelope::Answer;
use crate::error::{Code, Error, Result};
use crate::mediator::Home;
use crate::persistence::Committed;
use crate::retry::Next;
use crate::runtime::{self, Instant};

use super::backoff::Backoff;
use super::claim::Claim;
use super::endpoint::{Arrived, Endpoint};
use super::handling::{Failed, Handling, Tried};
use super::kept::unpack;
use super::marks;

/// Handles a message that somebody waits for, its effect once where it has a mark: what an earlier run has answered is answered again.
/// What fails is tried again within the deadline, as its policy says; the last error is the answer.
///
/// # Errors
///
/// The handler's own; `Unavailable` if the store is away until the deadline; `OutcomeUnknown` if somebody else has the message until then;
/// `Cancelled` if the node ends.
pub(crate) async fn answer(home: &Home, endpoint: &dyn Endpoint, arrived: Arrived<'_>) -> Result<Answer> {
    let handling = Handling::new(home, endpoint, arrived);
    let deadline = arrived.patience();
    let (mut backoff, mut before, mut unknown) = (Backoff::default(), 0, None);
    loop {
        let error = match handling.attempt(before).await {
            Tried::Through(_, outcome) => return outcome,
            Tried::Failed(failed) => {
                before += 1;
                match after(&handling, failed, deadline).await {
                    Some(outcome) => return outcome,
                    None => continue,
                }
            }
            Tried::Busy(mark, lease) => {
                handling.wait(&mark, lease.min(left(deadline))).await;
                Error::outcome_unknown(format!("{} runs for it elsewhere, and wasn't done in time", endpoint.info()))
            }
            Tried::Stopped(error) if error.code() == Code::Cancelled => return Err(error),
            Tried::Away(error) | Tried::Stopped(error) => {
                runtime::sleep(backoff.next().min(left(deadline))).await;
                error
            }
        };
        let error = unknown.take().unwrap_or(error);
        if left(deadline).is_zero() {
            return Err(error);
        }
        unknown = Some(error).filter(|error| error.code() == Code::OutcomeUnknown);
    }
}

/// What follows a failed attempt: the answer, or `None` if it is time for one more.
async fn after(handling: &Handling<'_>, failed: Failed<'_>, deadline: Instant) -> Option<Result<Answer>> {
    let next = handling.next(&failed);
    let Failed { error, claim, .. } = failed;
    // A body of another shape comes again under the same id, with names: that nothing ran is no attempt.
    let is_attempt = error.code() != Code::SchemaMismatch;
    let wait = match next {
        _ if !is_attempt => None,
        Next::Now => Some(Duration::ZERO).filter(|_| !left(deadline).is_zero()),
        Next::Later(wait) => Some(wait).filter(|wait| *wait < left(deadline)),
        Next::Dead | Next::Drop => None,
    };
    if wait.is_none() && marks::is_final(&error) {
        return keep(claim, error).await;
    }
    if let Some(claim) = claim {
        claim.give_up(is_attempt).await;
    }
    let Some(wait) = wait else { return Some(Err(error)) };
    runtime::sleep(wait).await;
    None
}

/// Keeps an error as the answer, unless there is another answer already. `None` if the lease was lost: somebody else may have had the effect since.
async fn keep(claim: Option<Claim<'_>>, error: Error) -> Option<Result<Answer>> {
    let Some(claim) = claim else { return Some(Err(error)) };
    Some(match claim.keep(&error).await {
        Ok(Committed::DoneBefore(kept)) => unpack(&kept),
        Ok(Committed::Lost) => return None,
        Ok(_) => Err(error),
        Err(not_kept) => {
            tracing::warn!(error = %not_kept.chain(), "an answer couldn't be kept; if its message comes again, the handler runs again");
            Err(error)
        }
    })
}

fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(runtime::now())
}
