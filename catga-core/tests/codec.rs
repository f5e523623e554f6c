//! What codecs promise: values come back, bytes stay the same, what they can't carry is refused, and hostile bytes are an error.

#![cfg(all(feature = "bincode", feature = "json"))]

mod common;

use std::collections::{BTreeMap, HashMap};

use catga_core::{
    Code, Schema,
    codec::{BodyIdentity, BodyLimit, Codec, MAX_DEPTH, messagepack},
};
use common::{Choice, Everything, everything};
use proptest::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

const LIMIT: BodyLimit = BodyLimit::MAX;

fn there_and_back<T: Schema + Serialize + DeserializeOwned>(codec: Codec, value: &T) -> T {
    codec.decode("T", &codec.encode("T", value, LIMIT).unwrap(), LIMIT).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_value_comes_back_from_each_codec(value in everything()) {
        for codec in Codec::ALL {
            prop_assert_eq!(&there_and_back(codec, &value), &value, "{}", codec);
        }
    }

    #[test]
    fn any_bytes_are_a_value_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        for codec in Codec::ALL {
            if let Err(error) = codec.decode::<Everything>("T", &bytes, LIMIT) {
                prop_assert_eq!(error.code(), Code::Codec);
            }
        }
    }

    #[test]
    fn a_value_with_some_bytes_changed_is_a_value_or_an_error(
        value in everything(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        for codec in Codec::ALL {
            let mut bytes = codec.encode("T", &value, LIMIT).unwrap();
            for (place, byte) in &changes {
                let place = place.index(bytes.len());
                bytes[place] = *byte;
            }
            if let Err(error) = codec.decode::<Everything>("T", &bytes, LIMIT) {
                prop_assert_eq!(error.code(), Code::Codec);
            }
        }
    }

    #[test]
    fn a_body_that_ends_early_or_late_is_an_error(value in everything(), cut in any::<prop::sample::Index>()) {
        for codec in Codec::ALL {
            let mut bytes = codec.encode("T", &value, LIMIT).unwrap();
            prop_assert!(codec.decode::<Everything>("T", &bytes[..cut.index(bytes.len())], LIMIT).is_err());
            bytes.push(b'0');
            prop_assert!(codec.decode::<Everything>("T", &bytes, LIMIT).is_err());
        }
    }

    #[test]
    fn the_identity_is_the_same_whichever_codec_carried_the_body(value in everything()) {
        let identity = BodyIdentity::of(&value, LIMIT).unwrap();
        for codec in Codec::ALL {
            prop_assert_eq!(BodyIdentity::of(&there_and_back(codec, &value), LIMIT).unwrap(), identity);
        }
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
struct Order {
    id: u64,
    customer: String,
    lines: Vec<Line>,
    note: Option<String>,
    state: State,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
struct Line {
    sku: String,
    quantity: u32,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
enum State {
    New,
    Shipped { by: String },
}

fn order() -> Order {
    Order {
        id: 300,
        customer: "Ada".to_owned(),
        lines: vec![Line { sku: "L1".to_owned(), quantity: 2 }],
        note: None,
        state: State::Shipped { by: "air".to_owned() },
    }
}

/// These bytes are on the wire and in stores: they never change.
#[test]
fn the_bytes_are_the_same_in_each_build() {
    let encoded = |codec: Codec| codec.encode("Order", &order(), LIMIT).unwrap();
    assert_eq!(encoded(Codec::Bincode), b"\xfb\x2c\x01\x03Ada\x01\x02L1\x02\x00\x01\x03air");
    assert_eq!(
        encoded(Codec::MessagePack),
        b"\x85\xa2id\xcd\x01\x2c\xa8customer\xa3Ada\xa5lines\x91\x82\xa3sku\xa2L1\xa8quantity\x02\xa4note\xc0\
          \xa5state\x81\xa7Shipped\x81\xa2by\xa3air"
    );
    assert_eq!(
        String::from_utf8(encoded(Codec::Json)).unwrap(),
        r#"{"id":300,"customer":"Ada","lines":[{"sku":"L1","quantity":2}],"note":null,"state":{"Shipped":{"by":"air"}}}"#
    );
}

#[test]
fn the_identity_is_a_hash_that_others_compute_as_well() {
    // SHA-256 of 82 a1 61 01 a1 62 02, by another implementation.
    let (there, back) = ([("a", 1), ("b", 2)], [("b", 2), ("a", 1)]);
    for pairs in [there, back] {
        #[derive(Serialize)]
        struct InOrder {
            a: i32,
            b: i32,
        }
        #[derive(Serialize)]
        struct OutOfOrder {
            b: i32,
            a: i32,
        }
        let map = HashMap::from(pairs);
        let expected = "19f2a1aa9670884ef43ef46ffbe4a62a";
        assert_eq!(BodyIdentity::of(&map, LIMIT).unwrap().to_string(), expected);
        assert_eq!(BodyIdentity::of(&InOrder { a: 1, b: 2 }, LIMIT).unwrap().to_string(), expected);
        assert_eq!(BodyIdentity::of(&OutOfOrder { a: 1, b: 2 }, LIMIT).unwrap().to_string(), expected);
        assert_eq!(expected.parse(), Ok(BodyIdentity::of(&map, LIMIT).unwrap()));
    }
    assert_ne!(BodyIdentity::of(&vec![1, 2], LIMIT).unwrap(), BodyIdentity::of(&vec![2, 1], LIMIT).unwrap());
}

#[test]
fn a_codec_is_found_by_its_name_on_the_wire() {
    for codec in Codec::ALL {
        assert_eq!(codec.to_string().parse::<Codec>().unwrap(), codec);
    }
    let error = "protobuf".parse::<Codec>().unwrap_err();
    assert_eq!(error.code(), Code::Codec);
    assert_eq!(error.to_string(), "no codec is named \"protobuf\"; there are: bincode, msgpack, json");
}

#[test]
fn a_body_beyond_the_limit_is_refused_both_ways_and_leaves_the_buffer_alone() {
    let limit = BodyLimit::new(10).unwrap();
    for codec in Codec::ALL {
        let mut bytes = b"before".to_vec();
        let error = codec.encode_into("Order", &order(), limit, &mut bytes).unwrap_err();
        assert_eq!(error.code(), Code::TooLarge);
        assert_eq!(error.to_string(), format!("the body of `Order`, {codec}, is larger than 10 bytes"));
        assert_eq!(bytes, b"before");

        let bytes = codec.encode("Order", &order(), LIMIT).unwrap();
        let error = codec.decode::<Order>("Order", &bytes, limit).unwrap_err();
        assert_eq!(error.code(), Code::TooLarge);
        let exact = BodyLimit::new(bytes.len()).unwrap();
        assert_eq!(codec.decode::<Order>("Order", &bytes, exact).unwrap(), order());
        assert_eq!(codec.encode("Order", &order(), exact).unwrap(), bytes);
    }
}

#[test]
fn a_body_goes_behind_what_the_buffer_holds() {
    for codec in Codec::ALL {
        let mut bytes = b"before".to_vec();
        codec.encode_into("Order", &order(), LIMIT, &mut bytes).unwrap();
        assert_eq!(bytes.strip_prefix(b"before").unwrap(), codec.encode("Order", &order(), LIMIT).unwrap());
    }
}

#[test]
fn an_error_names_message_and_codec_and_keeps_its_source() {
    let error = Codec::Json.decode::<Order>("Order", b"{}", LIMIT).unwrap_err();
    assert_eq!(error.to_string(), "the body of `Order` can't be decoded, json");
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "missing field `id` at line 1 column 2");
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
struct Nested(Vec<Nested>);

#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
enum Chain {
    End,
    Link(Box<Chain>),
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
struct Endless(Option<Box<Endless>>);

#[test]
fn hostile_depth_is_an_error_and_no_overflow_of_the_stack() {
    let deep = 1_000_000;
    let lists = [vec![0x91; deep], vec![0x90]].concat();
    assert!(Codec::MessagePack.decode::<Nested>("T", &lists, LIMIT).is_err());
    let variants = [b"\x81\xa4Link".repeat(deep), b"\xa3End".to_vec()].concat();
    assert!(Codec::MessagePack.decode::<Chain>("T", &variants, LIMIT).is_err());
    assert!(Codec::Json.decode::<Nested>("T", "[".repeat(deep).as_bytes(), LIMIT).is_err());
    assert!(Codec::Json.decode::<Chain>("T", "{\"Link\":".repeat(deep).as_bytes(), LIMIT).is_err());
}

#[test]
fn a_type_may_nest_as_deep_as_is_said() {
    let nested = |depth| (1..depth).fold(Nested(vec![]), |inner, _| Nested(vec![inner]));
    for codec in [Codec::MessagePack, Codec::Json] {
        // `serde_json` counts one less.
        let value = nested(MAX_DEPTH - 1);
        assert_eq!(there_and_back(codec, &value), value, "{codec}");
    }
    let bytes = messagepack::encode(&nested(MAX_DEPTH + 2), LIMIT).unwrap();
    assert_eq!(messagepack::decode::<Nested>(&bytes).unwrap_err().to_string(), "it nests deeper than 128");
}

#[test]
fn bincode_refuses_types_that_contain_themselves() {
    let error = Codec::Bincode.check::<Nested>("Nested").unwrap_err();
    assert_eq!(error.code(), Code::Codec);
    assert_eq!(
        error.to_string(),
        "the codec bincode can't carry `Nested`: `Nested` contains itself; send it by a codec with names"
    );
    assert!(Codec::Bincode.decode::<Chain>("Chain", &[1, 1, 1, 0], LIMIT).is_err());
    assert!(Codec::Bincode.encode("Chain", &Chain::End, LIMIT).is_err());
    assert_eq!(Codec::default_for::<Chain>(), Codec::MessagePack);
    assert_eq!(Codec::default_for::<Order>(), Codec::Bincode);
    assert_eq!(Codec::Json.or_named::<Chain>(), Codec::Json);
}

#[test]
fn a_type_that_contains_itself_with_nothing_between_is_refused_by_each_codec() {
    for codec in Codec::ALL {
        assert_eq!(codec.decode::<Endless>("Endless", b"1", LIMIT).unwrap_err().code(), Code::Codec, "{codec}");
    }
    let error = Codec::Json.check::<Endless>("Endless").unwrap_err().to_string();
    let text = "the codec json can't carry `Endless`: `Endless` contains itself with nothing between that is written";
    assert!(error.starts_with(text), "{error}");
}

#[test]
fn bincode_refuses_sequences_of_values_that_take_no_bytes() {
    #[derive(Debug, Serialize, Deserialize, Schema)]
    struct Nothing;

    // The length says 2^64 - 1 values, and none takes a byte.
    let bytes = [0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    assert!(Codec::Bincode.decode::<Vec<()>>("T", &bytes, LIMIT).is_err());
    assert!(Codec::Bincode.decode::<Vec<Nothing>>("T", &bytes, LIMIT).is_err());
    assert!(Codec::Bincode.decode::<Vec<[u8; 0]>>("T", &bytes, LIMIT).is_err());
    assert!(Codec::Bincode.decode::<BTreeMap<(), ((), Nothing)>>("T", &bytes, LIMIT).is_err());
    assert!(Codec::Bincode.check::<HashMap<u8, ()>>("T").is_ok());
    assert!(Codec::MessagePack.check::<Vec<()>>("T").is_ok());
}

#[test]
fn numbers_of_each_width_come_back() {
    let value = (u128::MAX, i128::MIN, u64::MAX, i64::MIN, f64::MAX, f32::MIN_POSITIVE, char::MAX);
    for codec in Codec::ALL {
        assert_eq!(there_and_back(codec, &value), value, "{codec}");
    }
}

#[test]
fn a_choice_of_each_kind_comes_back() {
    for value in [Choice::Unit, Choice::One(7), Choice::Two(7, "x".to_owned()), Choice::Named { at: 7, name: None }] {
        for codec in Codec::ALL {
            assert_eq!(there_and_back(codec, &value), value, "{codec}");
        }
    }
}
