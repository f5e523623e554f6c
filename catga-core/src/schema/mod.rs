//! The shape of a type, at any depth, as a fingerprint and as a description.

/// A type whose shape is known.
pub trait Schema {}
