//! What envelopes and replies promise: they arrive as they were sent, and what arrives otherwise is an error.

#![cfg(all(feature = "bincode", feature = "json"))]

use std::{num::NonZero, time::Duration};

use catga_core::{
    Code, Error, Kind, Message, Schema,
    codec::{BodyIdentity, BodyLimit, Codec, messagepack},
    envelope::{Answer, Envelope, Headers, OnlyFor, Reply, Sender, Text, TraceContext, UserHeaders},
    message::{MessageId, MessageIndex},
    schema::Fingerprint,
};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const LIMIT: BodyLimit = BodyLimit::MAX;

#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
struct Ask {
    at: u32,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
struct Told {
    at: u64,
}

impl Message for Ask {
    type Response = Told;
    const NAME: &'static str = "Ask";
    const KIND: Kind = Kind::Query;

    fn index() -> &'static MessageIndex {
        static INDEX: MessageIndex = MessageIndex::new();
        &INDEX
    }
}

/// The same request as an older program knows it: only the response differs.
#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename = "Ask")]
struct OldAsk {
    at: u32,
}

impl Message for OldAsk {
    type Response = u32;
    const NAME: &'static str = "Ask";
    const KIND: Kind = Kind::Query;

    fn index() -> &'static MessageIndex {
        static INDEX: MessageIndex = MessageIndex::new();
        &INDEX
    }
}

fn through_headers(envelope: &Envelope) -> Envelope {
    let headers: Vec<_> = envelope.to_headers().collect();
    let pairs = headers.iter().map(|(name, value)| (&**name, &**value));
    Envelope::from_headers(pairs, envelope.body.clone()).unwrap()
}

fn numbered(number: u128) -> MessageId {
    MessageId::from_uuid(Uuid::from_u128(number))
}

fn text() -> impl Strategy<Value = Text> {
    ".{1,40}".prop_filter_map("a text", |text| Text::new(text).ok())
}

fn id() -> impl Strategy<Value = MessageId> {
    any::<u128>().prop_map(numbered)
}

fn trace() -> impl Strategy<Value = TraceContext> {
    (1_u128.., 1_u64.., any::<u8>(), prop::option::of("[!-~]{1,20}")).prop_map(|(trace, parent, flags, state)| {
        TraceContext::new(&format!("00-{trace:032x}-{parent:016x}-{flags:02x}"), state.as_deref()).unwrap()
    })
}

fn headers() -> impl Strategy<Value = Headers> {
    let ids = (prop::option::of(id()), prop::option::of(id()), prop::option::of(id()));
    let texts = (
        prop::option::of(text()),
        prop::option::of(text()),
        prop::option::of((text(), text())),
        prop::option::of((text(), text(), prop::option::of(text()))),
        prop::collection::hash_map("[a-z.+-]{1,9}", text(), 0..4),
    );
    let others = (any::<Option<u32>>(), any::<Option<NonZero<u32>>>(), prop::option::of(trace()), any::<Option<u8>>());
    (ids, texts, others).prop_map(|(ids, (key, principal, sender, only_for, user), (left, attempt, trace, body))| {
        let mut headers = Headers::default();
        (headers.delivery_id, headers.correlation_id, headers.causation_id) = ids;
        headers.idempotency_key = key;
        headers.principal = principal;
        headers.sender = sender.map(|(service, node)| Sender { service, node });
        headers.only_for = only_for.map(|(service, handler, node)| OnlyFor { service, handler, node });
        headers.time_left = left.map(|left| Duration::from_millis(left.into()));
        headers.attempt = attempt;
        headers.trace = trace;
        headers.identity = body.map(|body| BodyIdentity::of(&body, LIMIT).unwrap());
        for (name, value) in user {
            headers.user.set(&name, &value).unwrap();
        }
        headers
    })
}

fn envelope() -> impl Strategy<Value = Envelope> {
    let kinds = prop::sample::select(vec![Kind::Command, Kind::Query, Kind::Event]);
    let codecs = prop::sample::select(Codec::ALL.to_vec());
    (id(), text(), kinds, codecs, any::<bool>(), any::<Vec<u8>>(), headers()).prop_map(
        |(id, name, kind, codec, with_fingerprint, body, headers)| {
            let mut envelope = Envelope::new(id, name.to_string(), kind, codec, body);
            envelope.fingerprint = with_fingerprint.then(Fingerprint::of::<Ask>);
            if headers != Headers::default() {
                *envelope.headers_mut() = headers;
            }
            envelope
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_envelope_arrives_as_it_was_sent(envelope in envelope()) {
        prop_assert_eq!(through_headers(&envelope), envelope);
    }

    #[test]
    fn an_envelope_comes_back_from_a_store(envelope in envelope()) {
        let bytes = messagepack::encode(&envelope, LIMIT).unwrap();
        prop_assert_eq!(&messagepack::decode::<Envelope>(&bytes).unwrap(), &envelope);
        let json = serde_json::to_string(&envelope).unwrap();
        prop_assert_eq!(serde_json::from_str::<Envelope>(&json).unwrap(), envelope);
    }

    #[test]
    fn any_headers_are_an_envelope_or_an_error(
        headers in prop::collection::vec((header_name(), prop_oneof![".{0,50}", "[0-9a-f-]{0,40}"]), 0..20),
    ) {
        let pairs = || headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let _ = Envelope::from_headers(pairs(), "");
        let _ = Reply::from_headers(pairs(), "");
        let complete = [("Catga-Id", "01234567-89ab-7cde-8f01-23456789abcd"), ("Catga-Name", "Ask")];
        if let Ok(envelope) = Envelope::from_headers(complete.into_iter().chain(pairs()), "") {
            // Whatever was taken is what is sent on.
            prop_assert_eq!(through_headers(&envelope), envelope);
        }
    }

    #[test]
    fn any_bytes_are_a_stored_envelope_or_an_error(bytes in any::<Vec<u8>>()) {
        let _ = messagepack::decode::<Envelope>(&bytes);
    }
}

fn header_name() -> impl Strategy<Value = String> {
    let known = [
        "Kind",
        "Codec",
        "Fingerprint",
        "Delivery",
        "Key",
        "Time-Left",
        "Attempt",
        "Identity",
        "Node",
        "For-Service",
        "For-Handler",
        "For-Node",
        "Header-x",
    ];
    prop_oneof![
        prop::sample::select(known.to_vec()).prop_map(|name| format!("Catga-{name}")),
        Just("traceparent".to_owned()),
        ".{0,20}",
    ]
}

#[test]
fn what_has_its_default_is_not_sent() {
    let id = numbered(1);
    let envelope = Envelope::new(id, "Ask", Kind::Command, Codec::MessagePack, "");
    let headers: Vec<_> = envelope.to_headers().collect();
    assert_eq!(
        headers,
        [("Catga-Id".into(), "00000000-0000-0000-0000-000000000001".into()), ("Catga-Name".into(), "Ask".into()),]
    );
    assert_eq!((envelope.delivery_id(), envelope.correlation_id()), (id, id));
}

#[test]
fn all_headers_have_their_names() {
    let mut envelope = Envelope::of(numbered(1), &Ask { at: 7 }, Codec::Bincode, LIMIT).unwrap();
    let text = |text: &str| Text::new(text).unwrap();
    let headers = envelope.headers_mut();
    headers.delivery_id = Some(numbered(2));
    headers.correlation_id = Some(numbered(3));
    headers.causation_id = Some(numbered(4));
    headers.idempotency_key = Some(text("pay-7"));
    headers.principal = Some(text("ada"));
    headers.time_left = Some(Duration::from_micros(1500));
    headers.attempt = NonZero::new(2);
    headers.trace = TraceContext::new("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", Some("a=b"));
    headers.identity = Some(BodyIdentity::of(&1, LIMIT).unwrap());
    headers.sender = Some(Sender { service: text("orders"), node: text("orders-1") });
    headers.only_for = Some(OnlyFor { service: text("mail"), handler: text("Ask/note"), node: Some(text("mail-1")) });
    headers.user.set("Tenant", "blue").unwrap();

    for (name, _) in envelope.to_headers() {
        let name = name.strip_suffix("tenant").map_or(name.to_string(), |prefix| format!("{prefix}…"));
        assert!(include_str!("../../docs/wire.md").contains(&format!("`{name}`")), "the docs lack {name}");
    }

    let lines: Vec<_> = envelope.to_headers().map(|(name, value)| format!("{name}: {value}")).collect();
    let fingerprint = format!("Catga-Fingerprint: {}", Fingerprint::of_exchange::<Ask>());
    assert_eq!(
        lines,
        [
            "Catga-Id: 00000000-0000-0000-0000-000000000001",
            "Catga-Name: Ask",
            "Catga-Kind: query",
            "Catga-Codec: bincode",
            &fingerprint,
            "Catga-Delivery: 00000000-0000-0000-0000-000000000002",
            "Catga-Correlation: 00000000-0000-0000-0000-000000000003",
            "Catga-Causation: 00000000-0000-0000-0000-000000000004",
            "Catga-Key: pay-7",
            "Catga-Principal: ada",
            "Catga-Time-Left: 1",
            "Catga-Attempt: 2",
            "Catga-Identity: 4bf5122f344554c53bde2ebb8cd2b7e3",
            "Catga-Service: orders",
            "Catga-Node: orders-1",
            "Catga-For-Service: mail",
            "Catga-For-Handler: Ask/note",
            "Catga-For-Node: mail-1",
            "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "tracestate: a=b",
            "Catga-Header-tenant: blue",
        ]
    );
}

#[test]
fn a_stored_envelope_has_the_same_bytes_in_each_build() {
    let mut envelope = Envelope::new(numbered(1), "Ask", Kind::Event, Codec::MessagePack, vec![0xc0]);
    envelope.headers_mut().attempt = NonZero::new(2);
    let bytes = messagepack::encode(&envelope, LIMIT).unwrap();
    assert_eq!(
        bytes,
        b"\x82\xa7headers\x84\xa8Catga-Id\xd9\x2400000000-0000-0000-0000-000000000001\xaaCatga-Name\xa3Ask\
          \xaaCatga-Kind\xa5event\xadCatga-Attempt\xa12\xa4body\xc4\x01\xc0"
    );
}

#[test]
fn each_bad_header_is_named() {
    let id = "01234567-89ab-7cde-8f01-23456789abcd";
    let cases: [(&[(&str, &str)], &str); 19] = [
        (&[], "the header `Catga-Name` is missing"),
        (&[("Catga-Name", "Ask")], "the header `Catga-Id` is missing"),
        (&[("Catga-Name", "Ask"), ("catga-name", "Ask")], "the header `Catga-Name` comes twice"),
        (
            &[("Catga-Name", "A\r\nB")],
            "the header `Catga-Name` isn't valid: a header's value has no control characters and no white space at its ends",
        ),
        (
            &[("Catga-Name", "")],
            "the header `Catga-Name` isn't valid: a header's value has from 1 to 1024 bytes, not 0",
        ),
        (
            &[("Catga-Name", "Ask"), ("Catga-Id", id), ("Catga-Kind", "order")],
            "the header `Catga-Kind` isn't valid: it is command, query or event",
        ),
        (
            &[("Catga-Name", "Ask"), ("Catga-Id", id), ("Catga-Codec", "xml")],
            "no codec is named \"xml\"; there are: bincode, msgpack, json",
        ),
        (
            &[("Catga-Name", "Ask"), ("Catga-Id", id), ("Catga-Fingerprint", "12")],
            "the header `Catga-Fingerprint` isn't valid: a fingerprint is 16 lowercase hexadecimal digits",
        ),
        (&[("Catga-Time-Left", "-1")], "the header `Catga-Time-Left` isn't valid: invalid digit found in string"),
        (&[("Catga-Attempt", "0")], "the header `Catga-Attempt` isn't valid: number would be zero for non-zero type"),
        (
            &[("Catga-Identity", "x")],
            "the header `Catga-Identity` isn't valid: a body's identity is 32 lowercase hexadecimal digits",
        ),
        (&[("Catga-Service", "orders")], "the header `Catga-Service` isn't valid: it comes without a node"),
        (&[("Catga-Node", "orders-1")], "the header `Catga-Node` isn't valid: it comes without a service"),
        (&[("Catga-For-Service", "mail")], "the header `Catga-For-Service` isn't valid: it comes without a handler"),
        (
            &[("Catga-For-Handler", "Ask/note")],
            "the header `Catga-For-Handler` isn't valid: it comes without a service",
        ),
        (&[("Catga-For-Node", "mail-1")], "the header `Catga-For-Node` isn't valid: it comes without a handler"),
        (&[("Catga-Header-a b", "x")], "a header's name has from 1 to 64 letters, digits and !#$%&'*+-.^_`|~"),
        (&[("Catga-Header-a", "x"), ("catga-header-A", "y")], "one of the application's own headers comes twice"),
        (
            &[("Catga-Key", " x")],
            "the header `Catga-Key` isn't valid: a header's value has no control characters and no white space at its ends",
        ),
    ];
    for (headers, text) in cases {
        let error = Envelope::from_headers(headers.iter().copied(), "").unwrap_err();
        assert_eq!(error.to_string(), text);
        let expected = if text.starts_with("no codec") { Code::Codec } else { Code::Validation };
        assert_eq!(error.code(), expected);
    }
}

#[test]
fn foreign_headers_and_later_ones_are_passed_over() {
    let headers = [
        ("Nats-Msg-Id", "x"),
        ("CATGA-ID", "01234567-89ab-7cde-8f01-23456789abcd"),
        ("Catga-Name", "Ask"),
        ("Catga-From-The-Future", "\r\n"),
        ("traceparent", "nonsense"),
    ];
    let envelope = Envelope::from_headers(headers, "").unwrap();
    assert_eq!((&*envelope.name, envelope.headers()), ("Ask", &Headers::default()));
}

#[test]
fn an_applications_own_headers_are_bounded() {
    let mut headers = UserHeaders::default();
    for number in 0..UserHeaders::MAX {
        headers.set(&format!("h{number}"), "x").unwrap();
    }
    assert_eq!(headers.set("one-more", "x").unwrap_err().code(), Code::TooLarge);
    headers.set("H0", "another value").unwrap();
    assert_eq!((headers.get("h0"), headers.iter().len()), (Some("another value"), UserHeaders::MAX));

    let mut headers = UserHeaders::default();
    let long = "x".repeat(Text::MAX);
    for number in 0..7 {
        headers.set(&format!("h{number}"), &long).unwrap();
    }
    assert_eq!(headers.set("h7", &long).unwrap_err().code(), Code::TooLarge);
    assert_eq!(headers.set(&"n".repeat(UserHeaders::MAX_NAME + 1), "x").unwrap_err().code(), Code::Validation);
    assert_eq!(headers.set("n", &"x".repeat(Text::MAX + 1)).unwrap_err().code(), Code::Validation);
}

#[test]
fn a_message_comes_out_as_it_went_in() {
    for codec in Codec::ALL {
        let envelope = Envelope::of(numbered(1), &Ask { at: 7 }, codec, LIMIT).unwrap();
        assert_eq!((&*envelope.name, envelope.kind), ("Ask", Kind::Query));
        assert_eq!(through_headers(&envelope).decode::<Ask>(LIMIT).unwrap(), Ask { at: 7 });
    }
}

#[test]
fn another_shape_of_message_or_response_is_refused_before_the_body_is_read() {
    let mut envelope = Envelope::of(numbered(1), &OldAsk { at: 7 }, Codec::Bincode, LIMIT).unwrap();
    envelope.body = "nonsense".into();
    let error = envelope.decode::<Ask>(LIMIT).unwrap_err();
    assert_eq!(error.code(), Code::SchemaMismatch);
    let (theirs, ours) = (Fingerprint::of_exchange::<OldAsk>(), Fingerprint::of_exchange::<Ask>());
    assert_eq!(
        error.to_string(),
        format!("the two sides know different shapes of `Ask`: fingerprint {theirs} there, {ours} here")
    );
    envelope.fingerprint = None;
    assert_eq!(envelope.decode::<Ask>(LIMIT).unwrap_err().code(), Code::SchemaMismatch);

    // By names the same message is welcome.
    let named = Envelope::of(numbered(1), &OldAsk { at: 7 }, Codec::MessagePack, LIMIT).unwrap();
    assert_eq!(named.decode::<Ask>(LIMIT).unwrap(), Ask { at: 7 });
}

#[test]
fn another_message_is_refused() {
    let envelope = Envelope::new(numbered(1), "Other", Kind::Query, Codec::Json, "{}");
    let error = envelope.decode::<Ask>(LIMIT).unwrap_err();
    assert_eq!(error.to_string(), "`Ask` was to be decoded from an envelope with `Other`");
}

fn reply_through_headers(reply: &Reply) -> Reply {
    let headers: Vec<_> = reply.to_headers().collect();
    Reply::from_headers(headers.iter().map(|(name, value)| (&**name, &**value)), reply.to_body().unwrap()).unwrap()
}

#[test]
fn a_response_comes_back() {
    for codec in Codec::ALL {
        let reply = reply_through_headers(&Reply::of::<Ask>(Ok(&Told { at: 7 }), codec, LIMIT));
        assert_eq!(reply.decode::<Ask>(LIMIT).unwrap(), Told { at: 7 });
    }
}

#[test]
fn an_error_comes_back_whole() {
    let error = Error::not_found("order 7").with_detail("order", 7).with_source(Error::internal("no such key"));
    let reply = reply_through_headers(&Reply::of::<Ask>(Err(&error), Codec::Bincode, LIMIT));
    let arrived = reply.decode::<Ask>(LIMIT).unwrap_err();
    assert_eq!((arrived.code(), arrived.message()), (Code::NotFound, "order 7"));
    assert_eq!(arrived.detail("order"), Some("7"));
    assert_eq!(std::error::Error::source(&arrived).unwrap().to_string(), "no such key");
}

#[test]
fn a_response_of_another_shape_is_refused() {
    let answer = Answer::of::<OldAsk>(&7, Codec::Bincode, LIMIT).unwrap();
    assert_eq!(answer.decode::<Ask>(LIMIT).unwrap_err().code(), Code::SchemaMismatch);
}

#[test]
fn a_response_beyond_the_limit_is_a_failure() {
    let reply = Reply::of::<Ask>(Ok(&Told { at: u64::MAX }), Codec::Json, BodyLimit::new(4).unwrap());
    assert_eq!(reply.decode::<Ask>(LIMIT).unwrap_err().code(), Code::TooLarge);
}

#[test]
fn a_bad_reply_is_an_error() {
    let error = Reply::from_headers([("Catga-Outcome", "maybe")], "").unwrap_err();
    assert_eq!(error.to_string(), "the header `Catga-Outcome` isn't valid: it is error, or absent");
    assert_eq!(Reply::from_headers([("Catga-Outcome", "error")], "").unwrap_err().code(), Code::Codec);
    let large = vec![0; 65 * 1024];
    assert_eq!(Reply::from_headers([("Catga-Outcome", "error")], large).unwrap_err().code(), Code::TooLarge);
}
