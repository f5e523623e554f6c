//! Values by position. Only types without positional hazards come here.

use bincode::{
    config::{self, Config},
    enc::write::Writer,
    error::{DecodeError, EncodeError},
    serde::{borrow_decode_from_slice, encode_into_writer},
};
use serde::{Serialize, de::DeserializeOwned};

use super::Buffer;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

impl Writer for Buffer<'_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        if self.add(bytes) { Ok(()) } else { Err(EncodeError::UnexpectedEnd) }
    }
}

pub(super) fn encode<T: Serialize + ?Sized>(value: &T, buffer: &mut Buffer<'_>) -> Result<(), EncodeError> {
    encode_into_writer(value, buffer, config::standard())
}

/// Bincode makes room for a text before it looks whether the text is there, unless its limit, a constant, forbids it. The limit counts
/// numbers at their full width, up to 16 times what they take here; so it is a multiple of the next size that holds the body.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    if bytes.len() <= 64 * KIB {
        decode_with(bytes, config::standard().with_limit::<MIB>())
    } else if bytes.len() <= MIB {
        decode_with(bytes, config::standard().with_limit::<{ 16 * MIB }>())
    } else {
        decode_with(bytes, config::standard().with_limit::<{ 256 * MIB }>())
    }
}

fn decode_with<T: DeserializeOwned>(bytes: &[u8], config: impl Config) -> Result<T, DecodeError> {
    let (value, read) = borrow_decode_from_slice(bytes, config)?;
    if read == bytes.len() { Ok(value) } else { Err(DecodeError::Other("bytes are left over")) }
}
