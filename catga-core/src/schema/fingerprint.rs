use std::{error::Error, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};

use super::{Description, Facts, Schema};
use crate::message::Message;

/// A number that differs when a type's shape differs, at any depth.
///
/// It is the first 8 bytes, most significant first, of the SHA-256 of the canonical text of the type's [`Description`]; nothing in it depends
/// on the compiler, the platform or the version of either. It guards against versions that differ, not against forgers. As text, and
/// for serde, it is 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// The fingerprint of a type; computed once in a process.
    pub fn of<T: Schema + ?Sized>() -> Self {
        Facts::of::<T>().fingerprint
    }

    /// The fingerprint that a message carries: of its own type and of its response's, since whoever can't send the right response must refuse
    /// before it runs. It is the message's, combined by exclusive or with the response's rotated left by one bit.
    #[inline]
    pub fn of_exchange<M: Message>() -> Self {
        let (message, response) = (Self::of::<M>(), Self::of::<M::Response>());
        Self(message.0 ^ response.0.rotate_left(1))
    }

    pub(super) fn of_description(description: &Description) -> Self {
        let [a, b, c, d, e, f, g, h, ..]: [u8; 32] = Sha256::digest(description.to_string()).into();
        Self(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// The text isn't 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseFingerprintError;

impl fmt::Display for ParseFingerprintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fingerprint is 16 lowercase hexadecimal digits")
    }
}

impl Error for ParseFingerprintError {}

impl FromStr for Fingerprint {
    type Err = ParseFingerprintError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 16 || !text.bytes().all(is_digit) {
            return Err(ParseFingerprintError);
        }
        u64::from_str_radix(text, 16).map(Self).map_err(|_| ParseFingerprintError)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_survives_its_text() {
        let fingerprint = Fingerprint(0x00ab_cdef_0123_4567);
        assert_eq!(fingerprint.to_string(), "00abcdef01234567");
        assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
    }

    #[test]
    fn other_text_is_no_fingerprint() {
        for text in
            ["", "00abcdef0123456", "00abcdef012345678", "00ABCDEF01234567", "+0abcdef01234567", "00abcdef0123456é"]
        {
            assert_eq!(text.parse::<Fingerprint>(), Err(ParseFingerprintError), "{text:?}");
        }
    }
}
