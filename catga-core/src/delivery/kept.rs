use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::codec::{BodyLimit, Codec, messagepack};
use crate::envelope::Answer;
use crate::error::{Error, Result, WireError};
use crate::persistence::StoredAnswer;

use super::endpoint::Ran;

/// What is kept of an outcome under its mark, as MessagePack with names: it outlives a deployment.
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

/// What is kept of a run that succeeded.
///
/// # Errors
///
/// `TooLarge`, which no retry helps: the answer is larger than what is kept.
pub(super) fn keep(ran: &Ran) -> Result<StoredAnswer> {
    pack(&ran.outcome).map_err(|too_large| too_large.retryable(false))
}

/// What is kept of a failure.
pub(super) fn keep_error(error: &Error) -> Result<StoredAnswer> {
    pack(&Err(error.clone()))
}

/// The outcome that was kept.
pub(super) fn unpack(kept: &StoredAnswer) -> Result<Answer> {
    match messagepack::decode(kept.bytes())? {
        Outcome::Done(Answered { body }) => Ok(Answer { codec: Codec::MessagePack, fingerprint: None, body }),
        Outcome::Failed(error) => Err(error.into()),
    }
}

fn pack(outcome: &Result<Answer>) -> Result<StoredAnswer> {
    let outcome = match outcome {
        Ok(answer) => Outcome::Done(Answered { body: answer.body.clone() }),
        Err(error) => Outcome::Failed(WireError::from(error)),
    };
    StoredAnswer::new(messagepack::encode(&outcome, BodyLimit::MAX)?)
}
