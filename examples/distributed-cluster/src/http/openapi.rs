use axum::Router;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// The description, before the routes have added themselves.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Orders",
        description = "Orders, taken by a cluster of nodes: send a request to any of them.",
        license(name = "MIT OR Apache-2.0")
    ),
    tags((name = "orders"), (name = "dead letters"), (name = "mailboxes"), (name = "health"), (name = "metrics"))
)]
pub(super) struct Description;

/// `/openapi.json`, and `/docs`, which shows it with Swagger UI. Its files are in this program; the browser fetches nothing from elsewhere.
pub(super) fn page<S: Clone + Send + Sync + 'static>(description: OpenApi) -> Router<S> {
    let address = "/openapi.json";
    // Else the page asks a validator on the internet.
    let config = Config::new([address]).validator_url("none");
    SwaggerUi::new("/docs").url(address, description).config(config).into()
}
