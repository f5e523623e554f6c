//! What the fuzz targets share: a type with something of each kind, and what must hold of whatever bytes are decoded.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::IpAddr,
    num::NonZero,
    time::Duration,
};

use catga_core::{
    Schema,
    codec::{BodyIdentity, BodyLimit, Codec},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

/// Something of each kind that every codec can carry.
#[derive(Serialize, Deserialize, Schema)]
pub struct Everything {
    numbers: (u8, i16, u32, i64, u128, i128, f32, f64, char, bool),
    text: String,
    maybe: Option<Box<u32>>,
    lists: Vec<Vec<[u16; 3]>>,
    set: BTreeSet<String>,
    maps: HashMap<u64, BTreeMap<String, Choice>>,
    not_zero: NonZero<u32>,
    known: (Uuid, IpAddr, Duration),
    unit: (),
}

/// A variant of each kind.
#[derive(Serialize, Deserialize, Schema)]
pub enum Choice {
    Unit,
    One(u8),
    Two(String, i8),
    Named { at: Option<u16> },
}

/// What contains itself, which only the codecs with names take.
#[derive(Serialize, Deserialize, Schema)]
pub enum Tree {
    Leaf,
    Chain(Box<Tree>),
    Branches(Vec<Tree>),
    Named { left: Option<Box<Tree>>, right: BTreeMap<String, Tree> },
}

/// What only the codecs with names take, and decode by looking twice.
#[derive(Serialize, Deserialize, Schema)]
#[serde(untagged)]
pub enum Loose {
    Tagged(Tagged),
    Flat(Flat),
    List(Vec<Loose>),
}

/// A variant that a field names.
#[derive(Serialize, Deserialize, Schema)]
#[serde(tag = "kind")]
pub enum Tagged {
    One { at: u8 },
    Two { name: String },
}

/// Fields in place of a field.
#[derive(Serialize, Deserialize, Schema)]
pub struct Flat {
    id: u8,
    #[serde(flatten)]
    more: HashMap<String, u64>,
}

/// Decodes a `T`. What comes out can be encoded, decoded and encoded again, to the same value, unless it is too large by then.
pub fn check<T: Schema + Serialize + DeserializeOwned>(codec: Codec, bytes: &[u8]) {
    let limit = BodyLimit::default();
    let Ok(value) = codec.decode::<T>("T", bytes, limit) else { return };
    let Ok(encoded) = codec.encode("T", &value, limit) else { return };
    let again: T = codec.decode("T", &encoded, limit).expect("what was encoded is decoded");
    let identity = BodyIdentity::of(&value, BodyLimit::MAX).map(|identity| identity.to_string());
    let same = BodyIdentity::of(&again, BodyLimit::MAX).map(|identity| identity.to_string());
    if let (Ok(identity), Ok(same)) = (identity, same) {
        assert_eq!(identity, same, "what comes back is the same");
    }
}
