use axum::{Json, extract::State};
use catga::Result;
use serde::Serialize;
use utoipa::ToSchema;

use super::{App, problem::Problem};

/// How a node is.
#[derive(Serialize, ToSchema)]
pub(super) struct Health {
    #[schema(example = "Healthy")]
    status: &'static str,
    #[schema(example = "node-1")]
    node: String,
    #[schema(example = "0.1.0")]
    version: &'static str,
}

/// Whether the node is well: started, not shutting down, and able to reach the others
#[utoipa::path(get, path = "/health", tag = "health", responses(
    (status = 200, body = Health),
    (status = 503, body = Problem, content_type = "application/problem+json", description = "It isn't, and why"),
))]
pub(super) async fn health(State(app): State<App>) -> Result<Json<Health>> {
    app.ready().await?;
    Ok(Json(healthy(&app)))
}

/// Whether the process answers; if it doesn't, start it again
#[utoipa::path(get, path = "/health/live", tag = "health", responses((status = 200, body = Health)))]
pub(super) async fn live(State(app): State<App>) -> Json<Health> {
    Json(healthy(&app))
}

/// Whether requests may be sent to the node
#[utoipa::path(get, path = "/health/ready", tag = "health", responses(
    (status = 200, body = Health),
    (status = 503, body = Problem, content_type = "application/problem+json", description = "Not now, and why"),
))]
pub(super) async fn ready(app: State<App>) -> Result<Json<Health>> {
    health(app).await
}

fn healthy(app: &App) -> Health {
    Health { status: "Healthy", node: app.name().to_owned(), version: env!("CARGO_PKG_VERSION") }
}
