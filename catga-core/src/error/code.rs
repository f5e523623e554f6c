use std::{fmt, str::FromStr};

/// What kind of failure an [`Error`](crate::Error) is.
///
/// | code | name on the wire | HTTP | a retry can help |
/// | --- | --- | --- | --- |
/// | [`Validation`](Self::Validation) | `validation` | 400 | no |
/// | [`NotFound`](Self::NotFound) | `not_found` | 404 | no |
/// | [`Conflict`](Self::Conflict) | `conflict` | 409 | no |
/// | [`KeyReused`](Self::KeyReused) | `key_reused` | 422 | no |
/// | [`Unauthorized`](Self::Unauthorized) | `unauthorized` | 401 | no |
/// | [`Forbidden`](Self::Forbidden) | `forbidden` | 403 | no |
/// | [`RateLimited`](Self::RateLimited) | `rate_limited` | 429 | yes |
/// | [`Timeout`](Self::Timeout) | `timeout` | 504 | yes |
/// | [`OutcomeUnknown`](Self::OutcomeUnknown) | `outcome_unknown` | 504 | no |
/// | [`Cancelled`](Self::Cancelled) | `cancelled` | 503 | yes |
/// | [`Unavailable`](Self::Unavailable) | `unavailable` | 503 | yes |
/// | [`NoHandler`](Self::NoHandler) | `no_handler` | 501 | no |
/// | [`Codec`](Self::Codec) | `codec` | 500 | no |
/// | [`SchemaMismatch`](Self::SchemaMismatch) | `schema_mismatch` | 500 | no |
/// | [`TooLarge`](Self::TooLarge) | `too_large` | 413 | no |
/// | [`OutboxFull`](Self::OutboxFull) | `outbox_full` | 503 | yes |
/// | [`Internal`](Self::Internal) | `internal` | 500 | yes |
///
/// The last column is what an error of this code says unless [`retryable`](crate::Error::retryable) says otherwise.
///
/// ```
/// use catga_core::Code;
///
/// assert_eq!(Code::NotFound.as_str(), "not_found");
/// assert_eq!("not_found".parse(), Ok(Code::NotFound));
/// assert_eq!(Code::NotFound.http_status(), 404);
/// assert!(!Code::NotFound.can_retry());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// What was asked for isn't valid.
    Validation,
    /// What was asked for doesn't exist.
    NotFound,
    /// It contradicts the present state: it exists already, or has moved on.
    Conflict,
    /// The idempotency key was used before, for something else.
    KeyReused,
    /// Nobody knows who asks.
    Unauthorized,
    /// Who asks may not.
    Forbidden,
    /// Too much was asked in too little time.
    RateLimited,
    /// The time was up. There was no effect, for sure, or it was a query.
    Timeout,
    /// It may have had its effect and may not. Sending it again as a new message could double the effect, so the default is that a retry
    /// can't help; under the same idempotency key or message id it can.
    OutcomeUnknown,
    /// It was given up before it had an effect: the caller left, or the node shuts down.
    Cancelled,
    /// Something that it needs – a node, the transport, the persistence, another system – can't be reached now.
    Unavailable,
    /// No handler takes this message.
    NoHandler,
    /// Bytes that can't be decoded, or a value that can't be encoded.
    Codec,
    /// The two sides know different shapes of the message, or of a stored document.
    SchemaMismatch,
    /// It is larger than its limit.
    TooLarge,
    /// The outbox takes nothing more until the relay has moved some of it.
    OutboxFull,
    /// A defect, or something that nobody foresaw.
    Internal,
}

impl Code {
    /// All codes, in the order of the table above.
    pub const ALL: &[Self] = &[
        Self::Validation,
        Self::NotFound,
        Self::Conflict,
        Self::KeyReused,
        Self::Unauthorized,
        Self::Forbidden,
        Self::RateLimited,
        Self::Timeout,
        Self::OutcomeUnknown,
        Self::Cancelled,
        Self::Unavailable,
        Self::NoHandler,
        Self::Codec,
        Self::SchemaMismatch,
        Self::TooLarge,
        Self::OutboxFull,
        Self::Internal,
    ];

    /// The stable name, for the wire, for logs and for metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Validation => "validation",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::KeyReused => "key_reused",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::RateLimited => "rate_limited",
            Self::Timeout => "timeout",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::Cancelled => "cancelled",
            Self::Unavailable => "unavailable",
            Self::NoHandler => "no_handler",
            Self::Codec => "codec",
            Self::SchemaMismatch => "schema_mismatch",
            Self::TooLarge => "too_large",
            Self::OutboxFull => "outbox_full",
            Self::Internal => "internal",
        }
    }

    /// Whether trying again can help, where the error itself doesn't say.
    pub const fn can_retry(self) -> bool {
        match self {
            // Nobody foresaw it, so nobody knows; the retries are bounded.
            Self::Internal => true,
            Self::RateLimited | Self::Timeout | Self::Cancelled | Self::Unavailable | Self::OutboxFull => true,
            Self::Validation | Self::NotFound | Self::Conflict | Self::KeyReused => false,
            Self::Unauthorized | Self::Forbidden | Self::OutcomeUnknown | Self::NoHandler => false,
            Self::Codec | Self::SchemaMismatch | Self::TooLarge => false,
        }
    }

    /// The status (RFC 9110; 429 is RFC 6585) with which an HTTP server answers.
    pub const fn http_status(self) -> u16 {
        match self {
            Self::Validation => 400,
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::KeyReused => 422,
            Self::RateLimited => 429,
            Self::Codec | Self::SchemaMismatch | Self::Internal => 500,
            Self::NoHandler => 501,
            Self::Cancelled | Self::Unavailable | Self::OutboxFull => 503,
            Self::Timeout | Self::OutcomeUnknown => 504,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(name: &str) -> Result<Self, UnknownCode> {
        Self::ALL.iter().copied().find(|code| code.as_str() == name).ok_or(UnknownCode)
    }
}

/// A name that no [`Code`] has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownCode;

impl fmt::Display for UnknownCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no error code has this name")
    }
}

impl std::error::Error for UnknownCode {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_unique_and_leads_back_to_its_code() {
        for (place, code) in Code::ALL.iter().enumerate() {
            assert_eq!(code.as_str().parse(), Ok(*code));
            assert_eq!(*code as usize, place, "{code} is missing from ALL, or out of order");
        }
        assert_eq!(Code::ALL.last(), Some(&Code::Internal), "ALL ends with the last code");
    }

    #[test]
    fn a_name_that_no_code_has_is_refused() {
        for name in ["", "NotFound", "not-found", "internal "] {
            assert_eq!(name.parse::<Code>(), Err(UnknownCode));
        }
    }

    #[test]
    fn the_table_in_the_docs_is_the_code() {
        let source = include_str!("code.rs");
        for code in Code::ALL {
            let retry = if code.can_retry() { "yes" } else { "no" };
            let row = format!("/// | [`{code:?}`](Self::{code:?}) | `{code}` | {} | {retry} |\n", code.http_status());
            assert!(source.contains(&row), "the docs lack {row}");
        }
    }
}
