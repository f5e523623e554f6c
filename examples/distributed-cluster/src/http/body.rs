use std::{error::Error as StdError, fmt, marker::PhantomData, time::Duration};

use axum::{
    Json,
    extract::{FromRequest, Request, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use catga::Error;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, Visitor, value::MapAccessDeserializer},
};
use tokio::time::timeout;

use super::problem::problem;

/// A body has at most this many bytes.
pub(super) const MAX_BYTES: usize = 64 * 1024;

/// A body arrives within this time.
const ARRIVES_WITHIN: Duration = Duration::from_secs(10);

/// A JSON body, an object; what isn't one is refused with a problem document that names the field.
pub(super) struct JsonBody<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        match timeout(ARRIVES_WITHIN, Json::from_request(request, state)).await {
            Ok(Ok(Json(Object(body)))) => Ok(Self(body)),
            Ok(Err(rejection)) => Err(refused(&rejection)),
            Err(_) => Err(problem(StatusCode::REQUEST_TIMEOUT, format!("a body arrives within {ARRIVES_WITHIN:?}"))),
        }
    }
}

/// Reads a list of JSON objects.
pub(super) fn objects<'de, D: Deserializer<'de>, T: Deserialize<'de>>(list: D) -> Result<Vec<T>, D::Error> {
    let objects = Vec::<Object<T>>::deserialize(list)?;
    Ok(objects.into_iter().map(|Object(item)| item).collect())
}

/// A value that is read from a JSON object alone: serde would take an array as well, field by field.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields(PhantomData))
    }
}

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields)).map(Object)
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
    let why = why.replacen("expected u32", "expected a whole number from 0 to 4294967295", 1);
    match field(&at.path().to_string(), &why) {
        Some(field) => Error::validation(format!("`{field}` can't be read: {why}")).with_detail("field", field),
        None => Error::validation(format!("the body can't be read: {why}")),
    }
}

/// The field that is wrong, unless it is the whole body. serde tells the name of one that is missing or doubled in its words alone.
fn field(path: &str, why: &str) -> Option<String> {
    let named = ["missing field `", "duplicate field `"].iter().find_map(|words| why.strip_prefix(words));
    let name = named.and_then(|rest| rest.split('`').next());
    match (path, name) {
        (".", None) => None,
        (".", Some(name)) => Some(name.to_owned()),
        (path, None) => Some(path.to_owned()),
        (path, Some(name)) => Some(format!("{path}.{name}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Outer {
        #[expect(dead_code, reason = "only read")]
        #[serde(deserialize_with = "objects")]
        items: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    struct Inner {
        #[expect(dead_code, reason = "only read")]
        quantity: u32,
    }

    fn error(json: &str) -> Error {
        let read = serde_path_to_error::deserialize::<_, Object<Outer>>(&mut serde_json::Deserializer::from_str(json));
        unreadable(&read.map(|_| ()).unwrap_err())
    }

    #[test]
    fn the_field_is_named_wherever_it_is() {
        for (json, field) in [
            ("{}", Some("items")),
            ("{\"items\":1}", Some("items")),
            ("{\"items\":[{\"quantity\":1},{}]}", Some("items[1].quantity")),
            ("{\"items\":[{\"quantity\":-1}]}", Some("items[0].quantity")),
            ("{\"items\":[{\"quantity\":\"1\"}]}", Some("items[0].quantity")),
            ("{\"items\":[],\"items\":[]}", Some("items")),
            ("{\"items\":[{\"quantity\":1,\"quantity\":1}]}", Some("items[0].quantity")),
            ("{\"items\":[[1]]}", Some("items[0]")),
            ("[[]]", None),
            ("{\"items\":", None),
            ("", None),
        ] {
            let error = error(json);
            assert_eq!(error.detail("field"), field, "{json}: {error}");
        }
    }

    #[test]
    fn what_is_no_object_is_refused_in_words_of_json() {
        for (json, says) in [
            ("[[{\"quantity\":1}]]", "the body can't be read: invalid type: sequence, expected a JSON object"),
            ("7", "the body can't be read: invalid type: integer `7`, expected a JSON object"),
            ("null", "the body can't be read: invalid type: null, expected a JSON object"),
            ("{\"items\":[[1]]}", "`items[0]` can't be read: invalid type: sequence, expected a JSON object"),
            ("{\"items\":[{\"quantity\":\"1\"}]}", "expected a whole number from 0 to 4294967295"),
        ] {
            let said = error(json).to_string();
            assert!(said.contains(says), "{json}: {said}");
            assert!(!["Outer", "Inner", "struct", "u32"].iter().any(|word| said.contains(word)), "{said}");
        }
    }
}
