use std::error::Error as _;

use super::*;

#[test]
fn it_is_one_pointer_wide_and_can_be_shared() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Error>();
    assert_eq!(size_of::<Error>(), size_of::<usize>());
    assert_eq!(size_of::<Result<()>>(), size_of::<usize>());
}

#[test]
fn each_constructor_has_its_code() {
    let all = [
        Error::validation(""),
        Error::not_found(""),
        Error::conflict(""),
        Error::key_reused(""),
        Error::unauthorized(""),
        Error::forbidden(""),
        Error::rate_limited(""),
        Error::timeout(""),
        Error::outcome_unknown(""),
        Error::cancelled(""),
        Error::unavailable(""),
        Error::no_handler(""),
        Error::codec(""),
        Error::schema_mismatch(""),
        Error::too_large(""),
        Error::outbox_full(""),
        Error::internal(""),
    ];
    let codes: Vec<_> = all.iter().map(Error::code).collect();
    assert_eq!(codes, Code::ALL);
}

#[test]
fn whether_a_retry_can_help_is_the_codes_word_unless_the_error_says_otherwise() {
    for &code in Code::ALL {
        assert_eq!(Error::new(code, "").can_retry(), code.can_retry());
        assert!(Error::new(code, "").retryable(true).can_retry());
        assert!(!Error::new(code, "").retryable(false).can_retry());
    }
}

#[test]
fn a_clone_that_is_changed_leaves_the_first_as_it_was() {
    let first = Error::conflict("moved");
    let second = first.clone().with_detail("version", 7);
    assert_eq!(first.details().len(), 0);
    assert_eq!(second.details().collect::<Vec<_>>(), [("version", "7")]);
}

#[test]
fn a_source_is_beneath_the_message() {
    let error = Error::internal("outer").with_source("x".parse::<u8>().unwrap_err());
    assert_eq!(error.to_string(), "outer");
    assert_eq!(error.source().unwrap().to_string(), "invalid digit found in string");
    assert!(error.downcast_ref::<std::num::ParseIntError>().is_some());
}

#[test]
fn a_wrapped_error_is_stood_in_for_and_its_message_printed_once() {
    let original = Error::conflict("outer").with_source(Error::internal("root"));
    let error = Error::wrap(Code::NotFound, original);
    assert_eq!(error.chain().to_string(), "outer: root");
    assert_eq!(error.source().unwrap().to_string(), "root");
    assert_eq!(error.downcast_ref::<Error>().map(Error::code), Some(Code::Conflict));
}

#[test]
fn several_problems_are_a_list_and_one_line_in_a_log() {
    let error = Error::several(Code::Internal, "can't start", ["no handler:\nOrder", "no transport"]);
    assert_eq!(error.message(), "can't start:\n  - no handler:\n    Order\n  - no transport");
    assert_eq!(error.chain().to_string(), "can't start: - no handler: Order - no transport");
}

#[test]
fn debug_says_everything() {
    let error = Error::not_found("order 7").with_detail("field", "id").with_source(Error::internal("root"));
    assert_eq!(format!("{error:?}"), "not_found: order 7 {\"field\": \"id\"}\ncaused by: root");
    let structure = format!("{error:#?}");
    for part in ["code: NotFound", "\"order 7\"", "can_retry: false", "\"field\": \"id\"", "\"root\""] {
        assert!(structure.contains(part), "{part} is missing from {structure}");
    }
}

#[test]
fn a_chain_without_end_is_cut() {
    #[derive(Debug)]
    struct Endless;
    impl std::fmt::Display for Endless {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("again")
        }
    }
    impl std::error::Error for Endless {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(self)
        }
    }
    let error = Error::internal("first").with_source(Endless);
    assert_eq!(error.chain().to_string(), format!("first{}", ": again".repeat(8)));
}
