//! An error as an HTTP response: a problem document (RFC 9457).

use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};

use super::Error;

/// The members that the document has of its own; a detail of such a name is left out.
const OWN_MEMBERS: [&str; 6] = ["type", "title", "status", "detail", "instance", "code"];

/// A problem document (RFC 9457), `application/problem+json`, with the code's [status](super::Code::http_status).
///
/// Its members: `type` (`about:blank`), `title` (the status in words), `status`, `detail` (the message), `code` (the code's name), and the
/// error's details, each under its key, as strings. So `field` names the field that a validation refused. A detail `retry_after` that is a
/// number also becomes the header `Retry-After`.
///
/// An error that is answered with 500 is nobody's business outside: its message and details are replaced by a fixed `detail`, and it goes
/// to the log whole, as a `tracing` event of level `ERROR`. Neither causes nor the original error ever leave.
///
/// A 401 carries no `WWW-Authenticate`; the application, which knows its scheme, adds it.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code().http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(code = %self.code(), error = %self.chain(), details = ?self.0.details, "a request failed");
        }
        let content_type = HeaderValue::from_static("application/problem+json");
        let mut response = (status, [(CONTENT_TYPE, content_type)], document(&self, status)).into_response();
        if let Some(seconds) = self.detail("retry_after").and_then(|text| text.parse::<u64>().ok()) {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}

fn document(error: &Error, status: StatusCode) -> String {
    let mut members = Map::new();
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        members.insert("detail".into(), "an internal error; the server's log says more".into());
    } else {
        let details = error.details().filter(|(key, _)| !OWN_MEMBERS.contains(key));
        members.extend(details.map(|(key, value)| (key.to_owned(), value.into())));
        members.insert("detail".into(), error.message().into());
    }
    members.insert("type".into(), "about:blank".into());
    members.insert("title".into(), status.canonical_reason().unwrap_or_default().into());
    members.insert("status".into(), status.as_u16().into());
    members.insert("code".into(), error.code().as_str().into());
    Value::Object(members).to_string()
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use axum::body::to_bytes;
    use serde_json::json;
    use tracing_subscriber::fmt::MakeWriter;

    use super::*;
    use crate::Code;

    /// Keeps what is logged.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Log {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    async fn body(response: Response) -> Value {
        let bytes = to_bytes(response.into_body(), 64 * 1024).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[tokio::test]
    async fn it_is_a_problem_document_that_names_the_field() {
        let error = Error::validation("the quantity is 0").with_detail("field", "items[0].quantity");
        let response = error.into_response();
        assert_eq!(response.status(), 400);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        assert_eq!(
            body(response).await,
            json!({
                "type": "about:blank",
                "title": "Bad Request",
                "status": 400,
                "detail": "the quantity is 0",
                "code": "validation",
                "field": "items[0].quantity",
            })
        );
    }

    #[tokio::test]
    async fn every_code_has_its_status_and_a_title() {
        for &code in Code::ALL {
            let response = Error::new(code, "why").into_response();
            assert_eq!(response.status(), code.http_status());
            let body = body(response).await;
            assert_eq!((&body["code"], &body["status"]), (&json!(code.as_str()), &json!(code.http_status())));
            assert_ne!(body["title"], "");
        }
    }

    #[tokio::test]
    async fn an_internal_error_keeps_to_itself() {
        for code in [Code::Internal, Code::Codec, Code::SchemaMismatch] {
            let error =
                Error::new(code, "secret 1").with_detail("a", "secret 2").with_source(Error::internal("secret 3"));
            let body = body(error.into_response()).await;
            assert!(!body.to_string().contains("secret"), "{body}");
            assert_eq!(body["detail"], "an internal error; the server's log says more");
        }
    }

    #[test]
    fn an_internal_error_goes_to_the_log_whole() {
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(log.clone()).finish();
        let error = Error::internal("message").with_detail("a", "detail").with_source(Error::internal("cause"));
        tracing::subscriber::with_default(subscriber, || drop(error.into_response()));
        let line = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        for part in ["ERROR", "internal", "message: cause", "detail"] {
            assert!(line.contains(part), "{part} is missing from {line}");
        }
    }

    #[tokio::test]
    async fn a_source_never_leaves() {
        let body = body(Error::unavailable("later").with_source(Error::internal("secret")).into_response()).await;
        assert!(!body.to_string().contains("secret"), "{body}");
    }

    #[tokio::test]
    async fn no_detail_replaces_a_member_of_the_documents_own() {
        let error = OWN_MEMBERS.iter().fold(Error::conflict("why"), |error, name| error.with_detail(name, "forged"));
        let body = body(error.into_response()).await;
        assert!(!body.to_string().contains("forged"), "{body}");
    }

    #[test]
    fn a_number_of_seconds_becomes_the_header_retry_after() {
        let response = Error::rate_limited("slow down").with_detail("retry_after", 30).into_response();
        assert_eq!(response.headers()[RETRY_AFTER], "30");
        let response = Error::rate_limited("slow down").with_detail("retry_after", "soon").into_response();
        assert!(!response.headers().contains_key(RETRY_AFTER));
    }
}
