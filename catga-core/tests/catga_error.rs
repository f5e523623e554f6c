//! What `#[derive(CatgaError)]` makes of an application's errors.

use std::{error::Error as _, fmt};

use catga_core::{CatgaError, Code, Error, Result};

/// Every code, so that the macro and core know the same ones.
#[derive(Debug, PartialEq, CatgaError)]
enum Each {
    #[catga(code = Validation)]
    Validation,
    #[catga(code = NotFound)]
    NotFound,
    #[catga(code = Conflict)]
    Conflict,
    #[catga(code = KeyReused)]
    KeyReused,
    #[catga(code = Unauthorized)]
    Unauthorized,
    #[catga(code = Forbidden)]
    Forbidden,
    #[catga(code = RateLimited)]
    RateLimited,
    #[catga(code = Timeout)]
    Timeout,
    #[catga(code = OutcomeUnknown)]
    OutcomeUnknown,
    #[catga(code = Cancelled)]
    Cancelled,
    #[catga(code = Unavailable)]
    Unavailable,
    #[catga(code = NoHandler)]
    NoHandler,
    #[catga(code = Codec)]
    Codec,
    #[catga(code = SchemaMismatch)]
    SchemaMismatch,
    #[catga(code = TooLarge)]
    TooLarge,
    #[catga(code = OutboxFull)]
    OutboxFull,
    #[catga(code = Internal)]
    Internal,
}

impl fmt::Display for Each {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is {self:?}")
    }
}

impl std::error::Error for Each {}

#[test]
fn every_code_can_be_named_and_the_message_is_the_display() {
    let all = [
        Each::Validation,
        Each::NotFound,
        Each::Conflict,
        Each::KeyReused,
        Each::Unauthorized,
        Each::Forbidden,
        Each::RateLimited,
        Each::Timeout,
        Each::OutcomeUnknown,
        Each::Cancelled,
        Each::Unavailable,
        Each::NoHandler,
        Each::Codec,
        Each::SchemaMismatch,
        Each::TooLarge,
        Each::OutboxFull,
        Each::Internal,
    ];
    assert_eq!(all.len(), Code::ALL.len());
    for (original, &code) in all.into_iter().zip(Code::ALL) {
        let error = Error::from(original);
        assert_eq!(error.code(), code);
        assert_eq!(error.message(), format!("this is {code:?}"));
        assert_eq!(error.can_retry(), code.can_retry());
    }
}

#[derive(Debug, thiserror::Error, CatgaError)]
#[catga(code = Unavailable, no_retry)]
enum OrderError {
    #[error("the line {line} of {order} is wrong")]
    #[catga(code = Validation)]
    Line {
        #[catga(detail)]
        order: String,
        #[catga(detail = "field")]
        line: u32,
        #[source]
        source: std::num::ParseIntError,
    },
    #[error("{0} and {1}")]
    Places(#[catga(detail = "first")] u8, #[catga(detail = "second")] u8),
    #[error("closed")]
    #[catga(retry)]
    Closed,
    #[error("r#type")]
    Keyword {
        #[catga(detail)]
        r#type: &'static str,
    },
    #[error(transparent)]
    #[catga(transparent)]
    Catga(#[from] Error),
    #[error(transparent)]
    #[catga(transparent)]
    Io { inner: std::io::Error },
}

#[test]
fn marked_fields_become_details_and_the_source_stays_the_source() {
    let source = "x".parse::<u8>().unwrap_err();
    let error = Error::from(OrderError::Line { order: "A".into(), line: 3, source });
    assert_eq!(error.code(), Code::Validation);
    assert_eq!(error.details().collect::<Vec<_>>(), [("field", "3"), ("order", "A")]);
    assert_eq!(error.chain().to_string(), "the line 3 of A is wrong: invalid digit found in string");
    assert!(error.source().unwrap().is::<std::num::ParseIntError>());
    assert!(matches!(error.downcast_ref(), Some(OrderError::Line { line: 3, .. })), "the original is kept");
}

#[test]
fn fields_without_a_name_and_with_a_keyword_for_one_can_be_details() {
    let error = Error::from(OrderError::Places(1, 2));
    assert_eq!(error.details().collect::<Vec<_>>(), [("first", "1"), ("second", "2")]);
    let error = Error::from(OrderError::Keyword { r#type: "gift" });
    assert_eq!(error.detail("type"), Some("gift"));
}

#[test]
fn the_enums_options_hold_where_a_variant_says_nothing_else() {
    let silent = Error::from(OrderError::Places(1, 2));
    assert_eq!((silent.code(), silent.can_retry()), (Code::Unavailable, false));
    let loud = Error::from(OrderError::Closed);
    assert_eq!((loud.code(), loud.can_retry()), (Code::Unavailable, true));
}

#[test]
fn a_transparent_variant_is_the_error_in_it() {
    let inner = Error::forbidden("no").with_detail("who", "you").retryable(true);
    let error = Error::from(OrderError::from(inner));
    assert_eq!((error.code(), error.message(), error.can_retry()), (Code::Forbidden, "no", true));
    assert_eq!(error.detail("who"), Some("you"));
    let inner = std::io::Error::from(std::io::ErrorKind::NotFound);
    assert_eq!(Error::from(OrderError::Io { inner }).code(), Code::NotFound);
}

#[derive(Debug, thiserror::Error, CatgaError)]
#[error("{what} is blank")]
#[catga(code = Validation)]
struct Blank<T: fmt::Display + fmt::Debug>
where
    T: Send + Sync + 'static,
{
    #[catga(detail = "field")]
    what: T,
}

#[test]
fn a_struct_works_the_same_also_with_parameters_and_with_question_mark() {
    fn refuse() -> Result<()> {
        Err(Blank { what: "customer" })?
    }
    let error = refuse().unwrap_err();
    assert_eq!((error.code(), error.message()), (Code::Validation, "customer is blank"));
    assert_eq!(error.detail("field"), Some("customer"));
}

#[test]
fn two_of_one_name_live_side_by_side_inside_functions() {
    fn first() -> Error {
        #[derive(Debug, thiserror::Error, CatgaError)]
        #[error("first")]
        #[catga(code = Conflict)]
        struct Local;
        Local.into()
    }
    fn second() -> Error {
        #[derive(Debug, thiserror::Error, CatgaError)]
        #[error("second")]
        #[catga(code = Timeout)]
        struct Local;
        Local.into()
    }
    assert_eq!((first().code(), second().code()), (Code::Conflict, Code::Timeout));
}

#[test]
fn an_enum_without_variants_is_an_error_that_never_happens() {
    #[derive(Debug, CatgaError)]
    enum Never {}
    impl fmt::Display for Never {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            match *self {}
        }
    }
    impl std::error::Error for Never {}
    fn never() -> Result<u8, Never> {
        Ok(7)
    }
    assert_eq!(never().map_err(Error::from).unwrap(), 7);
}
