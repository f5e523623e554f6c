use std::{error::Error as StdError, time::Duration};

use axum::{
    Json,
    extract::{FromRequest, Request, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use catga::Error;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::problem::problem;

/// A body has at most this many bytes.
pub(super) const MAX_BYTES: usize = 64 * 1024;

/// A body arrives within this time.
const ARRIVES_WITHIN: Duration = Duration::from_secs(10);

/// A JSON body; what isn't one is refused with a problem document that names the field.
pub(super) struct JsonBody<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        match timeout(ARRIVES_WITHIN, Json::from_request(request, state)).await {
            Ok(Ok(Json(body))) => Ok(Self(body)),
            Ok(Err(rejection)) => Err(refused(&rejection)),
            Err(_) => Err(problem(StatusCode::REQUEST_TIMEOUT, format!("a body arrives within {ARRIVES_WITHIN:?}"))),
        }
    }
}

fn refused(rejection: &JsonRejection) -> Response {
    match rejection {
        JsonRejection::MissingJsonContentType(_) => {
            problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the body is JSON, and the Content-Type says application/json")
        }
        _ if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Error::too_large(format!("a body has at most {MAX_BYTES} bytes")).into_response()
        }
        _ => match at(rejection) {
            Some(at) => unreadable(at).into_response(),
            None => Error::validation(rejection.body_text()).into_response(),
        },
    }
}

/// Where in the body reading failed, and why.
type At = serde_path_to_error::Error<serde_json::Error>;

fn at(rejection: &JsonRejection) -> Option<&At> {
    let mut error: Option<&(dyn StdError + 'static)> = Some(rejection);
    while let Some(cause) = error {
        if let Some(at) = cause.downcast_ref() {
            return Some(at);
        }
        error = cause.source();
    }
    None
}

fn unreadable(at: &At) -> Error {
    let why = at.inner().to_string();
    if !at.inner().is_data() {
        return Error::validation(format!("the body is no JSON: {why}"));
    }
    // serde tells the name of a missing field in its words alone.
    let missing = why.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    let field = match (at.path().to_string(), missing) {
        (path, None) => path,
        (path, Some(name)) if path == "." => name.to_owned(),
        (path, Some(name)) => format!("{path}.{name}"),
    };
    Error::validation(format!("`{field}` can't be read: {why}")).with_detail("field", field)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Outer {
        #[expect(dead_code, reason = "only read")]
        items: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    struct Inner {
        #[expect(dead_code, reason = "only read")]
        quantity: u32,
    }

    #[test]
    fn the_field_is_named_wherever_it_is() {
        for (json, field) in [
            ("{}", Some("items")),
            ("{\"items\":1}", Some("items")),
            ("{\"items\":[{\"quantity\":1},{}]}", Some("items[1].quantity")),
            ("{\"items\":[{\"quantity\":-1}]}", Some("items[0].quantity")),
            ("{\"items\":[{\"quantity\":\"1\"}]}", Some("items[0].quantity")),
            ("{\"items\":", None),
            ("", None),
        ] {
            let read = serde_path_to_error::deserialize::<_, Outer>(&mut serde_json::Deserializer::from_str(json));
            let error = unreadable(&read.unwrap_err());
            assert_eq!(error.detail("field"), field, "{json}: {error}");
        }
    }
}
