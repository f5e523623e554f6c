use axum::{extract::State, http::header::CONTENT_TYPE, response::IntoResponse};

use super::App;

/// What this node has counted, in Prometheus' text format
#[utoipa::path(get, path = "/metrics", tag = "metrics", responses((status = 200, body = String, content_type = "text/plain")))]
pub(super) async fn metrics(State(app): State<App>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], app.metrics().render())
}
