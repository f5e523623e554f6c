use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use crate::error::{Code, Error, Result};
use crate::persistence::{Committed, Store, Unit};
use crate::runtime;

/// Commits; what has begun finishes though its caller be dropped. An outcome that was lost is asked for, never guessed.
///
/// # Errors
///
/// The store's own; `OutcomeUnknown` only if the store couldn't be asked either.
pub(crate) async fn commit_resolved(store: Arc<dyn Store>, unit: Unit) -> Result<Committed> {
    let id = unit.id;
    let mut committing = Box::pin(async move {
        match store.commit(unit).await {
            Err(error) if error.code() == Code::OutcomeUnknown => match store.resolve(id).await {
                Ok(true) => Ok(Committed::Done),
                Ok(false) => Err(Error::unavailable("the store lost the commit").with_source(error)),
                Err(_) => Err(error),
            },
            outcome => outcome,
        }
    });
    // A store that needn't wait is done with the first poll. Between that poll and the task nobody can drop it.
    if let Poll::Ready(outcome) = poll_fn(|task| Poll::Ready(committing.as_mut().poll(task))).await {
        return outcome;
    }
    runtime::spawn(committing)
        .await
        .unwrap_or_else(|ended| Err(Error::outcome_unknown("the commit was interrupted").with_source(ended)))
}
