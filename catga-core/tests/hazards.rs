//! What a positional codec can't carry: that the hazard is real, and that it is refused by name and reason.

#![cfg(all(feature = "bincode", feature = "json"))]

use bincode::{
    config::standard,
    serde::{decode_from_slice, encode_to_vec},
};
use catga_core::{
    Code, Schema,
    codec::{BodyLimit, Codec},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Bare bincode loses the value, or answers with another one; the codec refuses the type, with this reason; MessagePack carries it.
#[track_caller]
fn check<T: Schema + Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: T, reason: &str) {
    let bare =
        encode_to_vec(&value, standard()).ok().and_then(|bytes| decode_from_slice::<T, _>(&bytes, standard()).ok());
    assert_ne!(bare.map(|(bare, _)| bare).as_ref(), Some(&value), "it isn't a hazard");

    let error = Codec::Bincode.encode("M", &value, BodyLimit::default()).unwrap_err();
    assert_eq!(error.code(), Code::Codec);
    assert_eq!(
        error.to_string(),
        format!("the codec bincode can't carry `M`: {reason}; send it by a codec with names")
    );
    assert_eq!(Codec::Bincode.decode::<T>("M", &[], BodyLimit::default()).unwrap_err().to_string(), error.to_string());

    let bytes = Codec::MessagePack.encode("M", &value, BodyLimit::default()).unwrap();
    assert_eq!(Codec::MessagePack.decode::<T>("M", &bytes, BodyLimit::default()).unwrap(), value);
}

#[test]
fn a_field_that_is_left_out_shifts_the_others() {
    #[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
    struct Order {
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<u8>,
        quantity: u32,
        items: Vec<u8>,
    }
    let order = Order { note: None, quantity: 1, items: vec![5, 0] };
    // Garbage, not an error: what was the quantity says that there is a note.
    let bytes = encode_to_vec(&order, standard()).unwrap();
    let (garbage, read) = decode_from_slice::<Order, _>(&bytes, standard()).unwrap();
    assert_eq!((garbage, read), (Order { note: Some(2), quantity: 5, items: vec![] }, bytes.len()));
    check(order, "`Order.note` has `#[serde(skip_serializing_if)]`");
}

#[test]
fn a_field_that_goes_one_way_only_shifts_the_others() {
    #[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
    struct Out {
        #[serde(skip_serializing, default)]
        note: u8,
        quantity: u32,
    }
    check(Out { note: 0, quantity: 1 }, "`Out.note` has `#[serde(skip_serializing)]`");

    #[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
    struct In {
        #[serde(skip_deserializing)]
        note: u8,
        quantity: u32,
    }
    check(In { note: 0, quantity: 1 }, "`In.note` has `#[serde(skip_deserializing)]`");
}

#[test]
fn flattened_fields_need_names() {
    #[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
    struct Outer {
        #[serde(flatten)]
        inner: Inner,
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
    struct Inner {
        at: u8,
    }
    check(Outer { inner: Inner { at: 1 } }, "`Outer.inner` has `#[serde(flatten)]`");
}

#[test]
fn enums_that_say_their_variant_by_name_or_not_at_all_need_names() {
    #[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
    #[serde(untagged)]
    enum Untagged {
        One(u8),
        Two(String),
    }
    check(Untagged::Two("x".to_owned()), "`Untagged` has `#[serde(untagged)]`");

    #[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
    enum Other {
        One(u8),
        #[serde(untagged)]
        Two(String),
    }
    check(Other::Two("x".to_owned()), "`Other.Two` has `#[serde(untagged)]`");

    #[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
    #[serde(tag = "kind")]
    enum Internal {
        One { at: u8 },
    }
    check(Internal::One { at: 1 }, "`Internal` has `#[serde(tag)]`");

    #[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
    #[serde(tag = "kind", content = "content")]
    enum Adjacent {
        One(u8),
        Two,
    }
    check(Adjacent::One(1), "`Adjacent` has `#[serde(tag)]`");
    assert_eq!(Adjacent::Two, Adjacent::Two);

    #[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
    #[serde(tag = "kind")]
    struct Tagged {
        at: u8,
    }
    check(Tagged { at: 1 }, "`Tagged` has `#[serde(tag)]`");
}

#[test]
fn a_skipped_variant_shifts_those_behind_it() {
    #[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
    enum State {
        #[serde(skip)]
        Draft,
        Placed,
        Shipped,
    }
    // Garbage, not an error: serde counts the skipped one when it encodes, and not when it decodes.
    let bytes = encode_to_vec(State::Placed, standard()).unwrap();
    assert_eq!(decode_from_slice::<State, _>(&bytes, standard()).unwrap().0, State::Shipped);
    check(State::Placed, "`State.Draft` has `#[serde(skip)]`");

    #[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
    enum Last {
        One,
        #[serde(skip)]
        Two,
    }
    Codec::Bincode.check::<Last>("Last").unwrap();
    assert_ne!(Last::One, Last::Two);
    assert_ne!(State::Draft, State::Placed);
}

#[test]
fn an_encoding_by_hand_in_one_direction_may_not_fit_the_other() {
    fn as_text<S: serde::Serializer>(number: &u8, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }
    fn lenient<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum NumberOrText {
            Number(u8),
            Text(String),
        }
        match NumberOrText::deserialize(deserializer)? {
            NumberOrText::Number(number) => Ok(number),
            NumberOrText::Text(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
    struct Lenient {
        #[serde(deserialize_with = "lenient")]
        at: u8,
    }
    check(Lenient { at: 1 }, "`Lenient.at` has `#[serde(deserialize_with)]`");

    #[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
    struct Both {
        #[serde(serialize_with = "as_text", deserialize_with = "lenient")]
        at: u8,
    }
    // A pair is taken at its word, as `with` is: decoding fails, and doesn't answer with something else.
    let bytes = Codec::Bincode.encode("M", &Both { at: 1 }, BodyLimit::default()).unwrap();
    assert!(Codec::Bincode.decode::<Both>("M", &bytes, BodyLimit::default()).is_err());
}

#[test]
fn a_value_of_any_type_needs_types_beside_values() {
    #[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
    struct Loose {
        details: Vec<serde_json::Value>,
    }
    check(
        Loose { details: vec![serde_json::json!({ "a": [1, null] })] },
        "`Loose.details` may hold a value of any type",
    );
}

#[test]
fn every_hazard_is_named_wherever_it_is() {
    #[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
    struct Outer {
        inner: Vec<Option<Inner>>,
        variants: Variants,
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
    struct Inner {
        #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "theNotes")]
        notes: Vec<String>,
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
    enum Variants {
        One {
            #[serde(skip_serializing_if = "Option::is_none")]
            note: Option<u8>,
        },
    }
    check(
        Outer { inner: vec![Some(Inner { notes: vec![] })], variants: Variants::One { note: None } },
        "`Inner.theNotes` has `#[serde(skip_serializing_if)]`, `Variants.One.note` has `#[serde(skip_serializing_if)]`",
    );
}

#[test]
fn what_serde_loses_where_it_looks_ahead_is_refused_by_each_codec() {
    #[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
    struct Outer {
        #[serde(flatten)]
        inner: Inner,
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
    struct Inner {
        number: Option<u128>,
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
    #[serde(tag = "kind")]
    enum Tagged {
        One { from: std::net::IpAddr },
    }

    // The hazards are real: what is encoded isn't decoded.
    let bytes = rmp_serde::to_vec_named(&Outer { inner: Inner { number: Some(1) } }).unwrap();
    assert!(rmp_serde::from_slice::<Outer>(&bytes).is_err());
    let bytes = rmp_serde::to_vec_named(&Tagged::One { from: [1, 2, 3, 4].into() }).unwrap();
    assert!(rmp_serde::from_slice::<Tagged>(&bytes).is_err());

    let ahead = "where serde looks ahead (`flatten`, `tag` or `untagged`), which loses it";
    assert_eq!(
        Codec::MessagePack.check::<Vec<Outer>>("M").unwrap_err().to_string(),
        format!("the codec msgpack can't carry `M`: `Outer.inner` holds a 128-bit number {ahead}")
    );
    assert_eq!(
        Codec::MessagePack.check::<Tagged>("M").unwrap_err().to_string(),
        format!("the codec msgpack can't carry `M`: `Tagged.One` holds a network address {ahead}")
    );
    Codec::MessagePack.check::<Inner>("M").unwrap();
}

#[test]
fn an_option_of_what_is_written_as_nothing_is_refused_by_codecs_with_names() {
    #[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
    struct Change {
        name: Option<Maybe>,
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
    struct Maybe(Option<String>);

    // The hazard is real: another value comes back.
    let change = Change { name: Some(Maybe(None)) };
    let bytes = rmp_serde::to_vec_named(&change).unwrap();
    assert_eq!(rmp_serde::from_slice::<Change>(&bytes).unwrap(), Change { name: None });

    let reason = "is an option of what is itself written as nothing, so what is there would be lost";
    for codec in [Codec::MessagePack, Codec::Json] {
        let error = codec.check::<Change>("Change").unwrap_err();
        assert_eq!(error.to_string(), format!("the codec {codec} can't carry `Change`: `Change.name` {reason}"));
        let error = codec.check::<Vec<Option<()>>>("M").unwrap_err();
        assert_eq!(error.to_string(), format!("the codec {codec} can't carry `M`: `the type` {reason}"));
    }
    let bytes = Codec::Bincode.encode("Change", &change, BodyLimit::default()).unwrap();
    assert_eq!(Codec::Bincode.decode::<Change>("Change", &bytes, BodyLimit::default()).unwrap(), change);
}
