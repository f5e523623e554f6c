//! MessagePack with names: what is stored, and what events travel as.
//!
//! [`Codec::MessagePack`](super::Codec::MessagePack) uses this for messages; the functions here are for a transport or a persistence
//! that keeps values of its own, which have no [`Schema`](crate::schema::Schema).

mod canonical;
mod head;
mod scan;

use std::{error, fmt};

use serde::{Serialize, de::DeserializeOwned};

pub(super) use canonical::canonical;

use super::{BodyLimit, Buffer};
use crate::error::{Code, Error, Result};

/// Encodes a value, structs as maps with names.
///
/// # Errors
///
/// [`Code::TooLarge`] beyond the limit; [`Code::Codec`] if the value refuses.
pub fn encode<T: Serialize + ?Sized>(value: &T, limit: BodyLimit) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(256);
    let mut buffer = Buffer::new(&mut bytes, limit);
    let written = encode_to(value, &mut buffer);
    match (written, buffer.is_full()) {
        (Ok(()), _) => Ok(bytes),
        (Err(_), true) => Err(Error::new(Code::TooLarge, format!("the value is larger than {limit}"))),
        (Err(cause), false) => Err(Error::new(Code::Codec, "the value can't be encoded, msgpack").with_source(cause)),
    }
}

/// Decodes a value from exactly these bytes, which may be hostile: they are checked for depth and lengths before they are decoded.
///
/// The type must not contain itself with nothing between that is written, such as `struct A(Option<Box<A>>)`.
///
/// # Errors
///
/// Where the bytes are no MessagePack, nest deeper than [`MAX_DEPTH`](super::MAX_DEPTH), hold more than one value, or another value.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    scan::scan(bytes).map_err(Cause::Malformed)?;
    Ok(rmp_serde::from_slice(bytes).map_err(Cause::Mismatch)?)
}

pub(super) fn encode_to<T: Serialize + ?Sized>(
    value: &T,
    buffer: &mut Buffer<'_>,
) -> Result<(), rmp_serde::encode::Error> {
    value.serialize(&mut rmp_serde::Serializer::new(buffer).with_struct_map())
}

/// Why bytes weren't decoded.
#[derive(Debug)]
pub struct DecodeError(Cause);

#[derive(Debug)]
enum Cause {
    Malformed(scan::Malformed),
    Mismatch(rmp_serde::decode::Error),
}

impl From<Cause> for DecodeError {
    fn from(cause: Cause) -> Self {
        Self(cause)
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Cause::Malformed(malformed) => malformed.fmt(f),
            Cause::Mismatch(mismatch) => mismatch.fmt(f),
        }
    }
}

impl error::Error for DecodeError {}

impl From<DecodeError> for Error {
    fn from(cause: DecodeError) -> Self {
        Self::new(Code::Codec, "the value can't be decoded, msgpack").with_source(cause)
    }
}
