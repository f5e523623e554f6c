//! A type with something of each kind, for the tests of codecs.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    net::IpAddr,
    num::NonZero,
    time::{Duration, SystemTime},
};

use catga_core::Schema;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Schema)]
pub(crate) struct Everything {
    numbers: (u8, i16, u32, i64, u128, i128, f64, f32),
    truth: bool,
    letter: char,
    #[serde(rename = "the text")]
    text: String,
    bytes: Vec<u8>,
    pair: [u16; 2],
    maybe: Option<Vec<Option<u32>>>,
    queue: VecDeque<(String, u8)>,
    set: BTreeSet<u64>,
    sorted: BTreeMap<String, i32>,
    hashed: HashMap<u16, Vec<Choice>>,
    not_zero: NonZero<u16>,
    id: Uuid,
    address: IpAddr,
    lasts: Duration,
    since: SystemTime,
    answer: Result<u8, String>,
    choice: Choice,
    #[serde(skip)]
    skipped: u8,
    unit: (),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Choice {
    Unit,
    One(u32),
    Two(u8, String),
    Named {
        at: i8,
        name: Option<String>,
    },
    #[serde(skip)]
    #[expect(dead_code, reason = "a variant that no codec carries")]
    Last,
}

fn choice() -> impl Strategy<Value = Choice> {
    prop_oneof![
        Just(Choice::Unit),
        any::<u32>().prop_map(Choice::One),
        any::<(u8, String)>().prop_map(|(one, two)| Choice::Two(one, two)),
        any::<(i8, Option<String>)>().prop_map(|(at, name)| Choice::Named { at, name }),
    ]
}

/// Any value. JSON has no numbers beyond the finite ones.
pub(crate) fn everything() -> impl Strategy<Value = Everything> {
    let finite = (
        any::<f64>().prop_filter("finite", |number| number.is_finite()),
        any::<f32>().prop_filter("finite", |number| number.is_finite()),
    );
    let numbers = (any::<(u8, i16, u32, i64, u128, i128)>(), finite)
        .prop_map(|((a, b, c, d, e, f), (g, h))| (a, b, c, d, e, f, g, h));
    let simple = (numbers, any::<(bool, char, String, Vec<u8>, [u16; 2])>());
    let containers = (
        any::<Option<Vec<Option<u32>>>>(),
        any::<VecDeque<(String, u8)>>(),
        any::<BTreeSet<u64>>(),
        any::<BTreeMap<String, i32>>(),
        prop::collection::hash_map(any::<u16>(), prop::collection::vec(choice(), 0..4), 0..8),
    );
    let known = (any::<(NonZero<u16>, u128, IpAddr, u32, Result<u8, String>)>(), choice());
    (simple, containers, known).prop_map(
        |(
            (numbers, (truth, letter, text, bytes, pair)),
            (maybe, queue, set, sorted, hashed),
            ((not_zero, id, address, seconds, answer), choice),
        )| Everything {
            numbers,
            truth,
            letter,
            text,
            bytes,
            pair,
            maybe,
            queue,
            set,
            sorted,
            hashed,
            not_zero,
            id: Uuid::from_u128(id),
            address,
            lasts: Duration::new(seconds.into(), seconds % 1_000_000_000),
            since: SystemTime::UNIX_EPOCH + Duration::new(seconds.into(), seconds % 1_000_000_000),
            answer,
            choice,
            skipped: 0,
            unit: (),
        },
    )
}
