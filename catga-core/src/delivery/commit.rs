use std::sync::Arc;

use crate::error::{Code, Error, Result};
use crate::persistence::{Committed, Store, Unit};
use crate::runtime;

/// Commits, in a task of its own, so that a commit that has begun finishes though its caller be dropped. An outcome that was lost is
/// asked for, never guessed.
///
/// # Errors
///
/// The store's own; `OutcomeUnknown` only if the store couldn't be asked either.
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
