use axum::{
    Json,
    http::{
        StatusCode,
        header::{ALLOW, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

const CONTENT_TYPE_OF_PROBLEMS: &str = "application/problem+json";

/// A problem document (RFC 9457).
#[derive(Serialize, ToSchema)]
pub(super) struct Problem {
    #[schema(example = "about:blank")]
    r#type: &'static str,
    /// The status in words.
    #[schema(example = "Bad Request")]
    title: &'static str,
    #[schema(example = 400)]
    status: u16,
    /// What is wrong.
    #[schema(example = "`items[0].quantity` is at least 1")]
    detail: String,
    /// The error's code, where the application refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "validation")]
    code: Option<&'static str>,
    /// The field that is wrong, where one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "items[0].quantity")]
    field: Option<&'static str>,
}

/// Gives a refusal that has no document of its own one: that of a router, or of a file server.
pub(super) async fn document_each(response: Response) -> Response {
    let status = response.status();
    let has_one = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == CONTENT_TYPE_OF_PROBLEMS);
    if has_one || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let detail = match status {
        StatusCode::NOT_FOUND => "nothing is here; /docs shows what there is",
        StatusCode::METHOD_NOT_ALLOWED => "this takes the methods that the header Allow names; /docs says more",
        _ => "the request was refused",
    };
    let mut documented = problem(status, detail);
    if let Some(allow) = response.headers().get(ALLOW) {
        documented.headers_mut().insert(ALLOW, allow.clone());
    }
    documented
}

/// The document for what HTTP itself refuses. What the application refuses is a [`catga::Error`], which becomes one by itself.
pub(super) fn problem(status: StatusCode, detail: impl Into<String>) -> Response {
    let title = status.canonical_reason().unwrap_or_default();
    let (status_code, detail) = (status.as_u16(), detail.into());
    let problem = Problem { r#type: "about:blank", title, status: status_code, detail, code: None, field: None };
    (status, [(CONTENT_TYPE, CONTENT_TYPE_OF_PROBLEMS)], Json(problem)).into_response()
}
