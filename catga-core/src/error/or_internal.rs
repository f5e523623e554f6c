use std::{borrow::Cow, error::Error as StdError};

use super::{Code, Error, Result};

/// Turns any error into an [`Error`], where it fails.
///
/// ```
/// use catga_core::{Code, Result, error::OrInternal};
///
/// fn read(text: &str) -> Result<serde_json::Value> {
///     serde_json::from_str(text).or_internal()
/// }
///
/// let error = read("{").unwrap_err();
/// assert_eq!(error.code(), Code::Internal);
/// assert!(error.downcast_ref::<serde_json::Error>().is_some());
/// ```
pub trait OrInternal<T>: Sized {
    /// The value, or an [`Internal`](Code::Internal) error that stands in the place of this one; see [`Error::wrap`].
    ///
    /// # Errors
    ///
    /// Where it was an error.
    fn or_internal(self) -> Result<T>;

    /// The value, or an error of this code and message with this one as its source: says what it means here.
    ///
    /// # Errors
    ///
    /// Where it was an error.
    fn or_code(self, code: Code, message: impl Into<Cow<'static, str>>) -> Result<T>;
}

impl<T, E: StdError + Send + Sync + 'static> OrInternal<T> for Result<T, E> {
    fn or_internal(self) -> Result<T> {
        self.map_err(|error| Error::wrap(Code::Internal, error))
    }

    fn or_code(self, code: Code, message: impl Into<Cow<'static, str>>) -> Result<T> {
        self.map_err(|error| Error::new(code, message).with_source(error))
    }
}

#[cfg(test)]
mod tests {
    use std::num::ParseIntError;

    use super::*;

    fn parse(text: &str) -> Result<u8, ParseIntError> {
        text.parse()
    }

    #[test]
    fn a_value_passes() {
        assert_eq!(parse("7").or_internal().unwrap(), 7);
        assert_eq!(parse("7").or_code(Code::Codec, "no number").unwrap(), 7);
    }

    #[test]
    fn or_internal_keeps_the_message_and_the_original() {
        let error = parse("x").or_internal().unwrap_err();
        assert_eq!(error.code(), Code::Internal);
        assert_eq!(error.chain().to_string(), "invalid digit found in string");
        assert!(error.downcast_ref::<ParseIntError>().is_some());
    }

    #[test]
    fn or_code_has_its_own_message_and_the_original_as_its_source() {
        let error = parse("x").or_code(Code::Codec, "no number").unwrap_err();
        assert_eq!(error.code(), Code::Codec);
        assert_eq!(error.chain().to_string(), "no number: invalid digit found in string");
        assert!(error.source().unwrap().is::<ParseIntError>());
    }
}
