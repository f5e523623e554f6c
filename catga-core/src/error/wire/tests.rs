use proptest::prelude::*;
use serde_json::json;

use super::*;

fn through_json(error: &Error) -> Error {
    let bytes = serde_json::to_vec(&WireError::from(error)).unwrap();
    serde_json::from_slice::<WireError>(&bytes).unwrap().into()
}

fn through_message_pack(error: &Error) -> Error {
    let bytes = rmp_serde::to_vec_named(&WireError::from(error)).unwrap();
    rmp_serde::from_slice::<WireError>(&bytes).unwrap().into()
}

fn arrived(value: serde_json::Value) -> Error {
    serde_json::from_value::<WireError>(value).unwrap().into()
}

#[track_caller]
fn assert_same(arrived: &Error, sent: &Error) {
    assert_eq!(arrived.code(), sent.code());
    assert_eq!(arrived.message(), sent.message());
    assert_eq!(arrived.can_retry(), sent.can_retry());
    assert!(arrived.details().eq(sent.details()));
    assert!(arrived.causes().map(ToString::to_string).eq(sent.causes().map(ToString::to_string)));
}

/// An error that fills every limit.
fn largest() -> Error {
    let cause = |source| Error::internal("c".repeat(2000)).with_source(source);
    let causes = (0..20).fold(Error::internal("root"), |source, _| cause(source));
    let error = Error::internal("m".repeat(5000)).with_source(causes);
    (0..20).fold(error, |error, number| error.with_detail(&format!("{number:02}{}", "k".repeat(100)), "v".repeat(2000)))
}

#[test]
fn every_code_crosses_whole() {
    for &code in Code::ALL {
        let sent = Error::new(code, "order 7")
            .retryable(!code.can_retry())
            .with_detail("field", "id")
            .with_source(Error::codec("near").with_source(Error::internal("root")));
        assert_same(&through_json(&sent), &sent);
        assert_same(&through_message_pack(&sent), &sent);
    }
}

#[test]
fn its_form_is_the_documented_one() {
    let sent = Error::not_found("order 7").with_detail("field", "id").with_source(Error::internal("root"));
    assert_eq!(
        serde_json::to_value(WireError::from(&sent)).unwrap(),
        json!({
            "code": "not_found",
            "message": "order 7",
            "retryable": false,
            "details": { "field": "id" },
            "causes": ["root"],
        })
    );
}

#[test]
fn details_and_causes_may_be_absent_and_unknown_fields_are_passed_over() {
    let error = arrived(json!({ "code": "timeout", "message": "late", "retryable": true, "from_the_future": [1] }));
    assert_eq!((error.code(), error.message()), (Code::Timeout, "late"));
    assert_eq!(error.details().len(), 0);
    assert!(error.source().is_none());
}

#[test]
fn an_unknown_code_becomes_internal_and_keeps_its_name_and_retryability() {
    let error = arrived(json!({ "code": "on_fire", "message": "hot", "retryable": false, "details": { "a": "b" } }));
    assert_eq!(error.code(), Code::Internal);
    assert_eq!(error.detail("peer_code"), Some("on_fire"));
    assert_eq!(error.detail("a"), Some("b"));
    assert!(!error.can_retry());
}

#[test]
fn an_unknown_code_is_kept_also_where_the_details_are_full() {
    let details: serde_json::Map<_, _> = (0..16).map(|number| (format!("{number:02}"), json!(""))).collect();
    let error = arrived(json!({ "code": "on_fire", "message": "", "retryable": false, "details": details }));
    assert_eq!(error.details().len(), 16);
    assert_eq!(error.detail("peer_code"), Some("on_fire"));
}

#[test]
fn what_is_over_a_limit_is_cut_before_it_leaves() {
    let bytes = rmp_serde::to_vec_named(&WireError::from(&largest())).unwrap();
    assert!(bytes.len() <= 32 * 1024, "{} bytes", bytes.len());
    let arrived = through_message_pack(&largest());
    assert_eq!(arrived.message().len(), 4096);
    assert_eq!(arrived.details().len(), 16);
    assert_eq!(arrived.causes().count(), 8);
    assert!(arrived.causes().all(|cause| cause.to_string().len() == 1024));
}

#[test]
fn what_is_over_a_limit_is_cut_when_it_arrives() {
    let details: serde_json::Map<_, _> =
        (0..1000).map(|number| (format!("{number}{}", "k".repeat(100)), json!("v".repeat(2000)))).collect();
    let hostile = json!({
        "code": "c".repeat(1000),
        "message": "m".repeat(100_000),
        "retryable": true,
        "details": details,
        "causes": vec!["c".repeat(2000); 1000],
    });
    let error = arrived(hostile);
    assert_eq!(error.message().len(), 4096);
    assert_eq!(error.detail("peer_code").map(str::len), Some(64));
    assert_eq!(error.details().len(), 16);
    assert!(error.details().all(|(key, value)| key.len() <= 64 && value.len() <= 1024));
    assert_eq!(error.causes().count(), 8);
    assert!(error.causes().all(|cause| cause.to_string().len() == 1024));
}

#[test]
#[cfg(feature = "bincode")]
fn it_crosses_by_a_positional_codec_too() {
    let sent = largest();
    let config = bincode::config::standard();
    let bytes = bincode::serde::encode_to_vec(WireError::from(&sent), config).unwrap();
    let (wire, _) = bincode::serde::decode_from_slice::<WireError, _>(&bytes, config).unwrap();
    assert_eq!(wire, WireError::from(&sent));
}

fn any_error() -> impl Strategy<Value = Error> {
    let texts =
        (".{0,60}", prop::collection::vec((".{0,80}", ".{0,1100}"), 0..20), prop::collection::vec(".{0,300}", 0..10));
    (prop::sample::select(Code::ALL), any::<bool>(), texts).prop_map(|(code, can_retry, (message, details, causes))| {
        let error = Error::new(code, message).retryable(can_retry);
        let error = details.into_iter().fold(error, |error, (key, value)| error.with_detail(&key, value));
        match causes.into_iter().map(Error::internal).reduce(|source, error| error.with_source(source)) {
            Some(source) => error.with_source(source),
            None => error,
        }
    })
}

proptest! {
    #[test]
    fn any_error_crosses_whole_and_what_arrived_crosses_unchanged(sent in any_error()) {
        let wire = WireError::from(&sent);
        for arrived in [through_json(&sent), through_message_pack(&sent)] {
            assert_eq!(arrived.message(), sent.message());
            assert_eq!(arrived.code(), sent.code());
            assert_eq!(arrived.can_retry(), sent.can_retry());
            assert!(arrived.details().eq(sent.details()));
            assert_eq!(&WireError::from(&arrived), &wire);
        }
    }

    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        let _ = rmp_serde::from_slice::<WireError>(&bytes);
        let _ = serde_json::from_slice::<WireError>(&bytes);
    }
}
