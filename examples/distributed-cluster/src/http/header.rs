use axum::{extract::FromRequestParts, http::request::Parts};
use catga::{
    Error, Request, Result,
    mediator::{Call, Sending},
};
use utoipa::{
    IntoParams,
    openapi::{
        ObjectBuilder, Type,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};

/// A header that is read here has at most this many bytes.
const MAX_BYTES: usize = 255;

/// `Idempotency-Key`: the caller's name for what it wants, if it gave one.
pub(super) struct IdempotencyKey(Option<String>);

impl IdempotencyKey {
    /// The call, under this key.
    pub(super) fn of<'a, R: Request>(&self, call: Call<'a, R, Sending>) -> Call<'a, R, Sending> {
        match &self.0 {
            Some(key) => call.key(key),
            None => call,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        read(parts, "Idempotency-Key").map(Self)
    }
}

impl IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![described(
            "Idempotency-Key",
            "Your name for what you want: whoever sends the same again under it, to whichever node, within a day, gets the same answer, and \
             it is done once.",
        )]
    }
}

/// `From`: who decides something.
pub(super) struct Operator(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Operator {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Ok(Self(read(parts, "From")?.unwrap_or_else(|| "http".to_owned())))
    }
}

impl IntoParams for Operator {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![described("From", "Who you are; it is recorded with the decision.")]
    }
}

fn described(name: &str, told: &str) -> Parameter {
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(MAX_BYTES));
    let header = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header).schema(Some(text));
    header.description(Some(told)).build()
}

/// The one line of text that the header of this name holds, if it is there.
fn read(parts: &Parts, name: &str) -> Result<Option<String>> {
    let invalid = |rule: &str| Error::validation(format!("the header {name} {rule}")).with_detail("field", name);
    let mut values = parts.headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(invalid("is given once"));
    }
    let text = str::from_utf8(value.as_bytes()).map_err(|_| invalid("is UTF-8"))?.trim();
    if text.is_empty() || text.len() > MAX_BYTES {
        return Err(invalid(&format!("has from 1 to {MAX_BYTES} bytes, not {}", text.len())));
    }
    if text.chars().any(char::is_control) {
        return Err(invalid("holds no control characters"));
    }
    Ok(Some(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, Request};

    use super::*;

    fn key(values: &[&[u8]]) -> Result<Option<String>> {
        let mut request = Request::new(());
        for value in values {
            request.headers_mut().append("idempotency-key", HeaderValue::from_bytes(value).unwrap());
        }
        read(&request.into_parts().0, "Idempotency-Key")
    }

    #[test]
    fn one_line_of_text_is_read() {
        for text in ["order-7", "\"8e03978e\"", "Bestellung für Žižek", &"k".repeat(MAX_BYTES)] {
            assert_eq!(key(&[text.as_bytes()]).unwrap().as_deref(), Some(text));
        }
        assert_eq!(key(&[b" order-7\t"]).unwrap().as_deref(), Some("order-7"));
        assert_eq!(key(&[]).unwrap(), None);
    }

    #[test]
    fn whatever_is_wrong_the_header_is_named() {
        for (values, says) in [
            (&[&b""[..]][..], "has from 1 to 255 bytes, not 0"),
            (&[b"  "], "has from 1 to 255 bytes, not 0"),
            (&[&[b'k'; MAX_BYTES + 1]], "has from 1 to 255 bytes, not 256"),
            (&[b"a\tb"], "holds no control characters"),
            (&["a\u{85}b".as_bytes()], "holds no control characters"),
            (&[b"\xff"], "is UTF-8"),
            (&[b"a", b"a"], "is given once"),
        ] {
            let error = key(values).unwrap_err();
            assert_eq!((error.code(), error.detail("field")), (catga::Code::Validation, Some("Idempotency-Key")));
            assert_eq!(error.message(), format!("the header Idempotency-Key {says}"));
        }
    }
}
