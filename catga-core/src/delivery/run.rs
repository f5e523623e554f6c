use std::pin::pin;

use crate::mediator::{Caught, Home};

use super::endpoint::{Arrived, Endpoint, Ran};

/// One run of a handler for what arrived, for as long as the node lets it.
///
/// A panic is an error, also one of the message's own decoding or the response's encoding: bytes from elsewhere end no task of the node.
/// `None` if the end of the grace period cut it off; it has had no effect then, since nothing is committed here.
pub(super) async fn run(home: &Home, endpoint: &dyn Endpoint, arrived: Arrived<'_>) -> Option<Ran> {
    let run = pin!(Caught::new(endpoint.info(), async { Ok(endpoint.run(home, arrived).await) }));
    let ran = match home.cancellation() {
        Some(cancelled) => cancelled.run_until_cancelled(run).await?,
        None => run.await,
    };
    Some(ran.unwrap_or_else(Ran::failed))
}
