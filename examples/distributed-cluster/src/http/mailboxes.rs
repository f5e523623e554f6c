use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use catga::{Error, Result};

use super::{App, problem::Problem};

/// Closes a customer's mailbox, so that mail bounces; to see what becomes of it
#[utoipa::path(delete, path = "/mailboxes/{customerId}", tag = "mailboxes", params(("customerId" = String, Path)), responses(
    (status = 204, description = "It is closed"),
    (status = 400, body = Problem, content_type = "application/problem+json", description = "No customer has an id like this"),
    (status = 409, body = Problem, content_type = "application/problem+json", description = "Too many are closed"),
))]
pub(super) async fn close(State(app): State<App>, Path(customer_id): Path<String>) -> Result<StatusCode> {
    if customer_id.len() > 64 {
        return Err(Error::validation("`customerId` has at most 64 bytes").with_detail("field", "customerId"));
    }
    app.mailer().close_mailbox(&customer_id)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Opens a customer's mailbox again
#[utoipa::path(put, path = "/mailboxes/{customerId}", tag = "mailboxes", params(("customerId" = String, Path)), responses(
    (status = 204, description = "It is open"),
))]
pub(super) async fn open(State(app): State<App>, Path(customer_id): Path<String>) -> StatusCode {
    app.mailer().open_mailbox(&customer_id);
    StatusCode::NO_CONTENT
}
