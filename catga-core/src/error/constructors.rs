use std::{borrow::Cow, fmt};

use super::{Code, Error};

/// One constructor for each code.
impl Error {
    /// [`Code::Validation`], with a message for people.
    pub fn validation(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Validation, message)
    }

    /// [`Code::NotFound`], with a message for people.
    pub fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::NotFound, message)
    }

    /// [`Code::Conflict`], with a message for people.
    pub fn conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Conflict, message)
    }

    /// [`Code::KeyReused`], with a message for people.
    pub fn key_reused(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::KeyReused, message)
    }

    /// [`Code::Unauthorized`], with a message for people.
    pub fn unauthorized(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Unauthorized, message)
    }

    /// [`Code::Forbidden`], with a message for people.
    pub fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Forbidden, message)
    }

    /// [`Code::RateLimited`], with a message for people.
    pub fn rate_limited(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::RateLimited, message)
    }

    /// [`Code::Timeout`], with a message for people.
    pub fn timeout(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Timeout, message)
    }

    /// [`Code::OutcomeUnknown`], with a message for people.
    pub fn outcome_unknown(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::OutcomeUnknown, message)
    }

    /// [`Code::Cancelled`], with a message for people.
    pub fn cancelled(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Cancelled, message)
    }

    /// [`Code::Unavailable`], with a message for people.
    pub fn unavailable(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Unavailable, message)
    }

    /// [`Code::NoHandler`], with a message for people.
    pub fn no_handler(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::NoHandler, message)
    }

    /// [`Code::Codec`], with a message for people.
    pub fn codec(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Codec, message)
    }

    /// [`Code::SchemaMismatch`], with a message for people.
    pub fn schema_mismatch(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::SchemaMismatch, message)
    }

    /// [`Code::TooLarge`], with a message for people.
    pub fn too_large(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::TooLarge, message)
    }

    /// [`Code::OutboxFull`], with a message for people.
    pub fn outbox_full(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::OutboxFull, message)
    }

    /// [`Code::Internal`], with a message for people.
    pub fn internal(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Internal, message)
    }

    /// Several problems in one error: its message is the headline, and each problem on a line of its own.
    ///
    /// ```
    /// use catga_core::{Code, Error};
    ///
    /// let error = Error::several(Code::Validation, "the node can't start", ["no handler", "no transport"]);
    /// assert_eq!(error.message(), "the node can't start:\n  - no handler\n  - no transport");
    /// ```
    pub fn several(code: Code, headline: impl fmt::Display, problems: impl IntoIterator<Item: fmt::Display>) -> Self {
        let mut message = format!("{headline}:");
        for problem in problems {
            message.push_str("\n  - ");
            message.push_str(&problem.to_string().replace('\n', "\n    "));
        }
        Self::new(code, message)
    }
}
