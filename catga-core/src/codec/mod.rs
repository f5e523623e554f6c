//! Codecs: from a value to bytes and back, within limits.
//!
//! | codec | on the wire | written | for |
//! | --- | --- | --- | --- |
//! | [`Bincode`](Codec::Bincode) | `bincode` | values by position | what lives for milliseconds: requests and replies. Feature `bincode` |
//! | [`MessagePack`](Codec::MessagePack) | `msgpack` | values by name | what outlives a deployment: events, documents, whatever is stored. Always built |
//! | [`Json`](Codec::Json) | `json` | values by name | peers that speak nothing else. Feature `json` |
//!
//! A positional codec is fast and small, and reads nonsense from bytes of another shape. So both sides compare
//! [fingerprints](crate::schema::Fingerprint) before they use it, and it refuses types that it can't carry, by name and reason. A codec with
//! names lets a field with `#[serde(default)]` come and go.
//!
//! # Hostile bytes
//!
//! Whatever the bytes are, decoding ends with a value or an error, in time that grows with their number, and in bounded memory:
//!
//! - A body above its [`BodyLimit`] is refused unread.
//! - Nothing nests deeper than [`MAX_DEPTH`]. Bincode can't count its depth, so it refuses types that contain themselves.
//! - A length that lies allocates little. MessagePack is looked through first, so there it is an error before anything is allocated. Otherwise
//!   a list or a map takes 3 MiB at most for what isn't there (serde's own caution), and a text in bincode 1 MiB, or 256 times the body
//!   if that is more.
//! - Bytes that are left over are an error.
//!
//! # Why bincode 2.0.1
//!
//! It is the smallest and fastest here, and its format is written down. Its upstream has stopped: the version is pinned, its decoder sees only
//! types whose shape is checked, and is fuzzed. Nothing rests on it: each message names its codec and a node decodes all that it was
//! built with, so nodes with another default mix with the old ones, and stored bytes never depend on it.

#[cfg(feature = "bincode")]
mod bincode;
mod buffer;
mod identity;
#[cfg(feature = "json")]
mod json;
mod limit;
pub mod messagepack;

use std::{error::Error as StdError, fmt, str::FromStr};

use serde::{Serialize, de::DeserializeOwned};

pub use identity::{BodyIdentity, ParseBodyIdentityError};
pub use limit::{BodyLimit, MAX_DEPTH};

use crate::{
    error::{Code, Error, Result},
    schema::{Description, Facts, Schema},
};
use buffer::Buffer;

/// A way to write values as bytes.
///
/// All of them can be named; [`is_built`](Self::is_built) says which ones can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Codec {
    /// Values by position: bincode 2, its standard configuration.
    Bincode,
    /// MessagePack, structs as maps with names.
    MessagePack,
    /// JSON.
    Json,
}

impl Codec {
    /// All codecs, built or not.
    pub const ALL: [Self; 3] = [Self::Bincode, Self::MessagePack, Self::Json];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bincode => "bincode",
            Self::MessagePack => "msgpack",
            Self::Json => "json",
        }
    }

    /// Whether this build has it.
    pub const fn is_built(self) -> bool {
        match self {
            Self::Bincode => cfg!(feature = "bincode"),
            Self::MessagePack => true,
            Self::Json => cfg!(feature = "json"),
        }
    }

    /// Whether it writes values without their names, so that both sides must know one shape.
    pub const fn is_positional(self) -> bool {
        matches!(self, Self::Bincode)
    }

    /// The default for what lives for milliseconds: bincode where it is built and can carry the type, else MessagePack.
    pub fn default_for<T: Schema + ?Sized>() -> Self {
        Self::Bincode.or_named::<T>()
    }

    /// This codec where it is built and can carry the type, else MessagePack.
    pub fn or_named<T: Schema + ?Sized>(self) -> Self {
        if self.is_built() && self.carries(Facts::of::<T>()) { self } else { Self::MessagePack }
    }

    /// Whether it can carry values of this type, a message of this wire name; for checks at start.
    ///
    /// # Errors
    ///
    /// [`Code::Codec`] with each reason, if it can't, or isn't built.
    pub fn check<T: Schema + ?Sized>(self, name: &str) -> Result<()> {
        if !self.is_built() {
            return Err(self.not_built());
        }
        if self.carries(Facts::of::<T>()) { Ok(()) } else { Err(self.refuse::<T>(name)) }
    }

    /// Encodes the value of a message of this wire name.
    ///
    /// # Errors
    ///
    /// [`Code::TooLarge`] beyond the limit; [`Code::Codec`] if the codec isn't built, can't carry the type, or the value refuses.
    pub fn encode<T: Schema + Serialize + ?Sized>(self, name: &str, value: &T, limit: BodyLimit) -> Result<Vec<u8>> {
        // Most messages fit: one allocation.
        let mut bytes = Vec::with_capacity(256);
        self.encode_into(name, value, limit, &mut bytes)?;
        Ok(bytes)
    }

    /// As [`encode`](Self::encode), behind what `bytes` holds already; the limit counts what is added. After an error `bytes` is as before.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn encode_into<T: Schema + Serialize + ?Sized>(
        self,
        name: &str,
        value: &T,
        limit: BodyLimit,
        bytes: &mut Vec<u8>,
    ) -> Result<()> {
        self.check::<T>(name)?;
        let start = bytes.len();
        let mut buffer = Buffer::new(bytes, limit);
        let written = match self {
            #[cfg(feature = "bincode")]
            Self::Bincode => bincode::encode(value, &mut buffer).map_err(|cause| self.failed(name, "encoded", cause)),
            Self::MessagePack => {
                messagepack::encode_to(value, &mut buffer).map_err(|cause| self.failed(name, "encoded", cause))
            }
            #[cfg(feature = "json")]
            Self::Json => json::encode(value, &mut buffer).map_err(|cause| self.failed(name, "encoded", cause)),
            #[cfg(not(all(feature = "bincode", feature = "json")))]
            not_built => Err(not_built.not_built()),
        };
        let is_full = buffer.is_full();
        written.map_err(|error| {
            bytes.truncate(start);
            if is_full { self.too_large(name, limit) } else { error }
        })
    }

    /// Decodes the value of a message of this wire name from exactly these bytes.
    ///
    /// # Errors
    ///
    /// [`Code::TooLarge`] beyond the limit; [`Code::Codec`] if the codec isn't built, can't carry the type, or the bytes are no such value.
    pub fn decode<T: Schema + DeserializeOwned>(self, name: &str, bytes: &[u8], limit: BodyLimit) -> Result<T> {
        self.check::<T>(name)?;
        if bytes.len() > limit.bytes() {
            return Err(self.too_large(name, limit));
        }
        match self {
            #[cfg(feature = "bincode")]
            Self::Bincode => bincode::decode(bytes).map_err(|cause| self.failed(name, "decoded", cause)),
            Self::MessagePack => messagepack::decode(bytes).map_err(|cause| self.failed(name, "decoded", cause)),
            #[cfg(feature = "json")]
            Self::Json => json::decode(bytes).map_err(|cause| self.failed(name, "decoded", cause)),
            #[cfg(not(all(feature = "bincode", feature = "json")))]
            not_built => Err(not_built.not_built()),
        }
    }

    fn carries(self, facts: Facts) -> bool {
        if self.is_positional() { facts.positional } else { facts.named }
    }

    #[cold]
    fn not_built(self) -> Error {
        Error::new(
            Code::Codec,
            format!("the codec {self} isn't built into this program: turn on catga's feature `{self}`"),
        )
    }

    #[cold]
    fn refuse<T: Schema + ?Sized>(self, name: &str) -> Error {
        let description = Description::of::<T>();
        let hazards = if self.is_positional() { description.positional_hazards() } else { description.named_hazards() };
        let hazards: Vec<_> = hazards.iter().map(ToString::to_string).collect();
        let advice = if self.is_positional() { "; send it by a codec with names" } else { "" };
        Error::new(Code::Codec, format!("the codec {self} can't carry `{name}`: {}{advice}", hazards.join(", ")))
    }

    #[cold]
    fn too_large(self, name: &str, limit: BodyLimit) -> Error {
        Error::new(Code::TooLarge, format!("the body of `{name}`, {self}, is larger than {limit}"))
    }

    #[cold]
    fn failed(self, name: &str, what: &str, cause: impl StdError + Send + Sync + 'static) -> Error {
        Error::new(Code::Codec, format!("the body of `{name}` can't be {what}, {self}")).with_source(cause)
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Codec {
    type Err = Error;

    /// The codec of this name on the wire, built or not.
    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|codec| codec.as_str() == name).ok_or_else(|| {
            let known = Self::ALL.map(Self::as_str).join(", ");
            Error::new(Code::Codec, format!("no codec is named {name:?}; there are: {known}"))
        })
    }
}
