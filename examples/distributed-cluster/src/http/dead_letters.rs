use axum::{
    Json,
    extract::{FromRequestParts, Path, Query, State, rejection::QueryRejection},
    http::{StatusCode, request::Parts},
};
use catga::{
    Error, Result,
    persistence::{DeadLetter, LetterId, LetterPage, LetterPlace, Letters},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{App, header::Operator, problem::Problem};

/// Lists what handlers have given up, the newest first, 100 a page
#[utoipa::path(get, path = "/dead-letters", tag = "dead letters", params(Wanted), responses(
    (status = 200, body = Page),
    (status = 400, body = Problem, content_type = "application/problem+json", description = "What is wrong with the query"),
    (status = 503, body = Problem, content_type = "application/problem+json", description = "The node is starting, or the store is away"),
))]
pub(super) async fn list(State(app): State<App>, wanted: Result<Query<Wanted>, QueryRejection>) -> Result<Json<Page>> {
    let Query(wanted) = wanted.map_err(|rejection| Error::validation(rejection.body_text()))?;
    let page = app.node()?.dead_letters().list(&wanted.try_into()?).await?;
    Ok(Json(page.into()))
}

/// Lets the handler that gave a message up handle it again
#[utoipa::path(post, path = "/dead-letters/{id}/replay", tag = "dead letters", params(("id" = String, Path), Operator), responses(
    (status = 204, description = "It is on its way, and the letter is gone"),
    (status = 400, body = Problem, content_type = "application/problem+json", description = "What is wrong with the header"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "There is none of this id any more"),
    (status = 503, body = Problem, content_type = "application/problem+json", description = "The node is starting, or the store is away or full"),
))]
pub(super) async fn replay(
    State(app): State<App>,
    NamedLetter(id): NamedLetter,
    Operator(by): Operator,
) -> Result<StatusCode> {
    done(app.node()?.dead_letters().replay(&id, &by).await?)
}

/// Ends a dead letter for good
#[utoipa::path(delete, path = "/dead-letters/{id}", tag = "dead letters", params(("id" = String, Path), Operator), responses(
    (status = 204, description = "The letter is gone"),
    (status = 400, body = Problem, content_type = "application/problem+json", description = "What is wrong with the header"),
    (status = 404, body = Problem, content_type = "application/problem+json", description = "There is none of this id any more"),
    (status = 503, body = Problem, content_type = "application/problem+json", description = "The node is starting, or the store is away"),
))]
pub(super) async fn discard(
    State(app): State<App>,
    NamedLetter(id): NamedLetter,
    Operator(by): Operator,
) -> Result<StatusCode> {
    done(app.node()?.dead_letters().discard(&id, &by).await?)
}

fn done(was_there: bool) -> Result<StatusCode> {
    if was_there { Ok(StatusCode::NO_CONTENT) } else { Err(no_letter()) }
}

fn no_letter() -> Error {
    Error::not_found("there is no dead letter of this id")
}

/// The letter that the path names.
pub(super) struct NamedLetter(LetterId);

impl<S: Send + Sync> FromRequestParts<S> for NamedLetter {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let path = Path::<String>::from_request_parts(parts, state).await.ok();
        path.and_then(|Path(text)| parse(&text)).map(Self).ok_or_else(no_letter)
    }
}

// A letter's id in one segment of a path: message, the handler's two names, and the node if there is one. No name holds a `~`.

fn text(id: &LetterId) -> String {
    let LetterId { handler, node, message } = id;
    let mut text = format!("{message}~{}", handler.replace('/', "~"));
    if let Some(node) = node {
        text = format!("{text}~{node}");
    }
    text
}

fn parse(text: &str) -> Option<LetterId> {
    let mut parts = text.splitn(4, '~');
    let (message, of, own) = (parts.next()?.parse().ok()?, parts.next()?, parts.next()?);
    Some(LetterId { message, handler: format!("{of}/{own}"), node: parts.next().map(str::to_owned) })
}

/// Which dead letters; what isn't asked for excludes none.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Those of this handler.
    #[param(example = "OrderCreated/send_receipt")]
    handler: Option<String>,
    /// Those of messages of this name.
    #[param(example = "OrderCreated")]
    message: Option<String>,
    /// Those behind a page: its `next`.
    cursor: Option<String>,
}

impl TryFrom<Wanted> for Letters {
    type Error = Error;

    fn try_from(wanted: Wanted) -> Result<Self> {
        let Wanted { handler, message, cursor } = wanted;
        let no_cursor = |_| Error::validation("`cursor` is the `next` of a page").with_detail("field", "cursor");
        let after = cursor.map(|cursor| cursor.parse().map(LetterPlace)).transpose().map_err(no_cursor)?;
        Ok(Self { handler, message, after, ..Self::default() })
    }
}

/// Some dead letters.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    dead_letters: Vec<Letter>,
    /// How many there are on all pages.
    total: usize,
    /// The `cursor` of the next page, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A message that a handler has given up.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Letter {
    id: String,
    message: String,
    message_id: String,
    handler: String,
    /// The last error, with its causes.
    error: String,
    /// Its code.
    code: &'static str,
    attempts: u32,
    /// The node that gave it up.
    node: String,
    #[schema(format = DateTime)]
    given_up_at: String,
}

impl From<LetterPage> for Page {
    fn from(page: LetterPage) -> Self {
        let LetterPage { letters, total, next } = page;
        let next = next.map(|LetterPlace(place)| place.to_string());
        Self { dead_letters: letters.into_iter().map(Letter::from).collect(), total, next }
    }
}

impl From<DeadLetter> for Letter {
    fn from(letter: DeadLetter) -> Self {
        let (id, error) = (text(&letter.id), letter.error());
        let DeadLetter { id: LetterId { handler, message: message_id, .. }, envelope, attempts, last, node, .. } =
            letter;
        let given_up_at = i64::try_from(last).ok().and_then(|millis| Timestamp::from_millisecond(millis).ok());
        Self {
            id,
            message: envelope.name.to_string(),
            message_id: message_id.to_string(),
            handler,
            error: error.chain().to_string(),
            code: error.code().as_str(),
            attempts,
            node,
            given_up_at: given_up_at.unwrap_or(Timestamp::MAX).to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use catga::message::MessageId;

    use super::*;

    #[test]
    fn an_id_comes_back_from_its_text() {
        for node in [None, Some("node-2".to_owned())] {
            let id = LetterId { handler: "OrderCreated/send_receipt".to_owned(), node, message: MessageId::new() };
            assert_eq!(parse(&text(&id)), Some(id));
        }
    }

    #[test]
    fn what_is_no_id_is_none() {
        for text in
            ["", "~", "~OrderCreated~send_receipt", "019ab000-0000-7000-8000-000000000000~OrderCreated", "x~y~z"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
