//! The schemas of standard types, as serde encodes them.

mod containers;
mod known;
mod primitives;
