//! How much memory decoding takes, whatever the bytes claim. A program of its own, since its allocator counts.

#![cfg(all(feature = "bincode", feature = "json"))]

use std::collections::{BTreeMap, HashMap};

use allocation_counter::{AllocationInfo, measure};
use catga_core::{
    Schema,
    codec::{BodyLimit, Codec, messagepack},
    envelope::Envelope,
};
use proptest::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// As large as it gets for a value that takes a byte on the wire.
type Wide = Option<[u64; 32]>;

#[derive(Serialize, Deserialize, Schema)]
struct Lists {
    lists: Vec<Vec<Wide>>,
    texts: Vec<String>,
    map: HashMap<String, BTreeMap<u64, Wide>>,
}

fn decode<T: Schema + DeserializeOwned>(codec: Codec, bytes: &[u8]) -> AllocationInfo {
    measure(|| drop(codec.decode::<T>("T", bytes, BodyLimit::MAX)))
}

/// The first time, a type is described; that isn't what is measured.
fn describe() {
    for codec in Codec::ALL {
        decode::<Lists>(codec, &[]);
        decode::<String>(codec, &[]);
        decode::<Vec<u8>>(codec, &[]);
        decode::<Vec<Wide>>(codec, &[]);
        decode::<HashMap<u64, Wide>>(codec, &[]);
    }
}

#[test]
fn a_length_that_lies_allocates_no_more_than_is_said() {
    describe();
    for length in [1_000, 1_000_000, u64::from(u32::MAX), u64::MAX] {
        let bincode = [&[0xfd][..], &length.to_le_bytes()].concat();
        // Texts: bincode's limit, which is 1 MiB for a body as short as this. Lists and maps: serde's caution.
        for info in [
            decode::<String>(Codec::Bincode, &bincode),
            decode::<Vec<u8>>(Codec::Bincode, &bincode),
            decode::<Vec<Wide>>(Codec::Bincode, &bincode),
            decode::<HashMap<u64, Wide>>(Codec::Bincode, &bincode),
        ] {
            assert!(info.bytes_max <= 3 * MIB, "{length}: {info:?}");
        }
        let claimed = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
        for marker in [0xdb, 0xc6, 0xdd, 0xdf] {
            let bytes = [&[marker][..], &claimed].concat();
            for info in [
                decode::<String>(Codec::MessagePack, &bytes),
                decode::<Vec<u8>>(Codec::MessagePack, &bytes),
                decode::<Vec<Wide>>(Codec::MessagePack, &bytes),
                decode::<HashMap<u64, Wide>>(Codec::MessagePack, &bytes),
                measure(|| drop(messagepack::decode::<Envelope>(&bytes))),
            ] {
                assert!(info.bytes_max <= KIB, "{marker:x} {length}: {info:?}");
            }
        }
    }
}

#[test]
fn a_long_body_with_a_text_that_lies_allocates_no_more_than_is_said() {
    describe();
    // A list of two texts, the first long and there, the second only claimed.
    let there = vec![b'x'; 100 * 1024];
    let claimed = 200 * MIB;
    let head = |length: u64| [&[0xfd][..], &length.to_le_bytes()].concat();
    let bytes = [vec![0, 2], head(there.len() as u64), there.clone(), head(claimed)].concat();
    let info = decode::<Lists>(Codec::Bincode, &bytes);
    assert!(info.bytes_max <= 256 * bytes.len() as u64, "{info:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_allocate_in_proportion_to_their_number(bytes in prop::collection::vec(byte(), 0..4000)) {
        describe();
        for codec in Codec::ALL {
            let info = decode::<Lists>(codec, &bytes);
            // One list, map and text that lie, each within the other; and what is there, at its largest.
            let widest = std::mem::size_of::<Wide>() as u64;
            prop_assert!(info.bytes_max <= 4 * MIB + 4 * widest * bytes.len() as u64, "{}: {:?}", codec, info);
        }
    }
}

/// Bytes that are often a length.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![any::<u8>(), 0_u8..4, 0xdc_u8..=0xdf, 0xfb_u8..=0xfe]
}
