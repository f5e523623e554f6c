//! How one node is reached over HTTP: orders, what became of their mail, health, metrics, and the description of it all.
//!
//! Whatever is refused is a problem document (RFC 9457). What the application refuses is a [`catga::Error`], which becomes one by itself;
//! what HTTP refuses before that is made in `problem`.

mod amount;
mod app;
mod body;
mod dead_letters;
mod header;
mod health;
mod mailboxes;
mod metrics;
mod openapi;
mod orders;
mod problem;

pub(crate) use app::App;

use axum::{Router, extract::DefaultBodyLimit, middleware::map_response};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use openapi::Description;

/// The routes of one node; those of orders if it serves them.
pub(crate) fn router(app: App, serves_orders: bool) -> Router {
    let mut router = OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(health::health))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(metrics::metrics))
        .routes(routes!(dead_letters::list))
        .routes(routes!(dead_letters::replay))
        .routes(routes!(dead_letters::discard))
        .routes(routes!(mailboxes::close, mailboxes::open));
    if serves_orders {
        router = router.routes(routes!(orders::create)).routes(routes!(orders::get)).routes(routes!(orders::ship));
    }
    let (router, description) = router.split_for_parts();
    router
        .merge(openapi::page(description))
        .layer(DefaultBodyLimit::max(body::MAX_BYTES))
        .layer(map_response(problem::document_each))
        .with_state(app)
}

#[cfg(test)]
mod tests {
    use axum::{
        body::{Body, to_bytes},
        http::{Request, header::CONTENT_TYPE},
    };
    use tower::ServiceExt;

    use super::*;
    use crate::{mail::Mailer, metrics::Metrics};

    #[tokio::test]
    async fn while_the_node_starts_its_server_says_so() {
        let app = App::new("node-1", Metrics::new("node-1").unwrap(), Mailer::default());
        for (path, status) in [
            ("/health/live", 200),
            ("/metrics", 200),
            ("/health/ready", 503),
            ("/health", 503),
            ("/orders/019ab000-0000-7000-8000-000000000000", 503),
        ] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let answer = router(app.clone(), true).oneshot(request).await.unwrap();
            assert_eq!(answer.status(), status, "{path}");
            if status == 503 {
                assert_eq!(answer.headers()[CONTENT_TYPE], "application/problem+json");
                let body = to_bytes(answer.into_body(), 1024).await.unwrap();
                assert!(String::from_utf8_lossy(&body).contains("the node is starting"), "{body:?}");
            }
        }
    }
}
