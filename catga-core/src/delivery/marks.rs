use std::time::Duration;

use crate::error::Result;
use crate::mediator::Home;
use crate::persistence::{Mark, MarkName};

use super::endpoint::{Arrived, Endpoint};

const RETENTION: Duration = Duration::from_secs(8 * 24 * 60 * 60);

pub(super) async fn mark(_: &Home, endpoint: &dyn Endpoint, arrived: Arrived<'_>) -> Result<Mark> {
    Ok(Mark {
        name: MarkName::Message { handler: endpoint.info().identity(), id: arrived.envelope.id },
        identity: None,
        retention: RETENTION,
    })
}
