//! The schemas of common types of other crates, each behind a feature of that crate's name.
//!
//! A name here stands for an encoding: when a crate changes how it encodes a type, the name changes with it.

#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "jiff")]
mod jiff;
#[cfg(feature = "json")]
mod json;
#[cfg(feature = "rust_decimal")]
mod rust_decimal;
#[cfg(feature = "time")]
mod time;
mod uuid;
