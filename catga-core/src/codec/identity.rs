use std::{error, fmt, str::FromStr};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{BodyLimit, messagepack};
use crate::error::{Code, Error, Result};

/// What tells one body from another, whichever codec it travels by.
///
/// It is the first 16 bytes of the SHA-256 of the body's MessagePack with names, the entries of each map (and the fields of each struct) in
/// the order of their encoded keys. The sender computes it, only where it is needed, and it is carried: another version
/// of a type has another one.
///
/// The order of a list counts, and a `HashSet` is written as a list in no order of its own: in a command that is sent with a key, use a
/// `BTreeSet`.
///
/// As text, it is 32 hexadecimal digits. SHA-256 is what each language has in its standard library.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct BodyIdentity([u8; 16]);

impl BodyIdentity {
    /// The identity of a value.
    ///
    /// # Errors
    ///
    /// [`Code::TooLarge`] beyond the limit; [`Code::Codec`] if the value can't be encoded or nests too deep.
    pub fn of<T: Serialize + ?Sized>(value: &T, limit: BodyLimit) -> Result<Self> {
        let bytes = messagepack::encode(value, limit)?;
        let canonical = messagepack::canonical(&bytes)
            .map_err(|cause| Error::new(Code::Codec, "the body has no identity").with_source(cause))?;
        let hash: [u8; 32] = Sha256::digest(canonical).into();
        let mut first = [0; 16];
        first.copy_from_slice(&hash[..16]);
        Ok(Self(first))
    }

    /// Its bytes.
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for BodyIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for BodyIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BodyIdentity({self})")
    }
}

/// The text isn't 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseBodyIdentityError;

impl fmt::Display for ParseBodyIdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a body's identity is 32 lowercase hexadecimal digits")
    }
}

impl error::Error for ParseBodyIdentityError {}

impl FromStr for BodyIdentity {
    type Err = ParseBodyIdentityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 32 || !text.bytes().all(is_digit) {
            return Err(ParseBodyIdentityError);
        }
        let number = u128::from_str_radix(text, 16).map_err(|_| ParseBodyIdentityError)?;
        Ok(Self(number.to_be_bytes()))
    }
}
