//! What can go wrong, as a value: a code for programs, a message for people, and whether trying again can help.
//!
//! A handler answers with an [`Error`] of the right [`Code`], and whoever sent the message gets the same error, from the next function or
//! from another node: code, message, retryability and details cross the wire as they are, the chain of causes as text (see
//! [`WireError`]).
//!
//! ```
//! use catga_core::{Code, Error, Result};
//!
//! fn check(customer: &str) -> Result<()> {
//!     if customer.trim().is_empty() {
//!         return Err(Error::validation("the customer is blank").with_detail("field", "customerId"));
//!     }
//!     Ok(())
//! }
//!
//! let error = check(" ").unwrap_err();
//! assert_eq!(error.code(), Code::Validation);
//! assert_eq!(error.to_string(), "the customer is blank");
//! assert_eq!(error.detail("field"), Some("customerId"));
//! assert!(!error.can_retry());
//! ```
//!
//! With the feature `axum` an error is also an HTTP response: a problem document (RFC 9457).
//!
//! # Where errors come from
//!
//! - From a constructor named like the code: [`Error::not_found`], [`Error::conflict`], …
//! - From an error of the standard library, with `?`: `let quantity: u32 = text.parse()?;`.
//! - From an application's own error, with `?`, where it has `#[derive(CatgaError)]`.
//! - From any other error, with [`.or_internal()?`](OrInternal::or_internal), or with [`.or_code(…)?`](OrInternal::or_code), which says what
//!   it means here. There is no `From` for every error, since the code would be a guess.
//!
//! # The message and the source
//!
//! There are two relations, so that no message is printed twice:
//!
//! - An error that was made *from* another ([`Error::wrap`], `From`, `derive(CatgaError)`, `or_internal`) stands in its place. Its message is
//!   the other's, its `source()` is the other's `source()`, and the other itself is at hand with [`Error::downcast_ref`].
//! - An error *with* a source ([`Error::with_source`], `or_code`) has a message of its own, and `source()` is what was given.

mod application;
mod code;
mod constructors;
mod details;
mod from_std;
mod or_internal;
mod print;
#[cfg(feature = "axum")]
mod problem;
mod text;
mod wire;

pub use application::CatgaError;
#[doc(hidden)]
pub use application::Transparent;
pub use code::{Code, UnknownCode};
pub use or_internal::OrInternal;
pub use wire::WireError;

use std::{borrow::Cow, error::Error as StdError, fmt, sync::Arc};

use details::Details;

/// The result of everything that can fail in Catga.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Any error that can be kept and shared.
type AnyError = dyn StdError + Send + Sync + 'static;

/// One failure.
///
/// It is one pointer wide, and a clone is another pointer to the same.
///
/// `Display` is the message; `{:?}`, which `main` prints, has the code, the details and the causes as well; `{:#?}` is the same as
/// a structure.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    code: Code,
    message: Cow<'static, str>,
    can_retry: bool,
    details: Details,
    cause: Cause,
}

/// How another error stands to this one; see the module.
#[derive(Clone)]
enum Cause {
    None,
    /// This error stands in its place.
    Original(Arc<AnyError>),
    /// It is beneath this error.
    Source(Arc<AnyError>),
}

impl Error {
    /// An error of this code with a message for people.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self::with_cause(code, message.into(), Cause::None)
    }

    /// An error of this code that stands in the place of `original`: its message is the original's, its `source()` is the original's
    /// `source()`, and [`downcast_ref`](Self::downcast_ref) finds the original.
    ///
    /// ```
    /// use catga_core::{Code, Error};
    ///
    /// let error = Error::wrap(Code::Validation, "x".parse::<u8>().unwrap_err());
    /// assert_eq!(error.message(), "invalid digit found in string");
    /// assert!(error.downcast_ref::<std::num::ParseIntError>().is_some());
    /// ```
    pub fn wrap(code: Code, original: impl StdError + Send + Sync + 'static) -> Self {
        Self::with_cause(code, original.to_string().into(), Cause::Original(Arc::new(original)))
    }

    /// The same error with `source` as its cause.
    #[must_use]
    pub fn with_source(self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.change(|inner| inner.cause = Cause::Source(Arc::new(source)))
    }

    /// The same error with one more detail; a key that was there gets the new value.
    ///
    /// Details are for programs: the key `field` names the field that a validation refused, `retry_after` says after how many whole seconds
    /// it is worth trying again. Limits: 16 details (one more is left out), 64 bytes a key and 1024 bytes a value (longer ones are cut and
    /// end with `…`).
    #[must_use]
    pub fn with_detail(self, key: &str, value: impl fmt::Display) -> Self {
        self.change(|inner| inner.details.set(key, &value.to_string()))
    }

    /// The same error, saying whether trying again can help, whatever its code says.
    #[must_use]
    pub fn retryable(self, can_retry: bool) -> Self {
        self.change(|inner| inner.can_retry = can_retry)
    }

    /// What kind of failure it is.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The message for people, without its causes.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Whether trying again can help. The default is the code's.
    pub fn can_retry(&self) -> bool {
        self.0.can_retry
    }

    /// The details, ordered by key.
    pub fn details(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.details.iter()
    }

    /// The detail of this key.
    pub fn detail(&self, key: &str) -> Option<&str> {
        self.0.details.get(key)
    }

    /// The error in whose place this one stands, or else its source, if it is an `E`.
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        match &self.0.cause {
            Cause::None => None,
            Cause::Original(cause) | Cause::Source(cause) => cause.downcast_ref(),
        }
    }

    fn with_cause(code: Code, message: Cow<'static, str>, cause: Cause) -> Self {
        Self(Arc::new(Inner { code, message, can_retry: code.can_retry(), details: Details::default(), cause }))
    }

    fn change(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.cause {
            Cause::None => None,
            Cause::Original(original) => original.source(),
            Cause::Source(source) => Some(&**source),
        }
    }
}

#[cfg(test)]
mod tests;
