use std::fmt;

use serde::de::DeserializeOwned;

use crate::codec::messagepack;
use crate::error::{Error, Result};

/// A stored document as an older version of its type wrote it: what [`Document::upgrade`](super::Document::upgrade) is given.
pub struct Older<'a> {
    name: &'static str,
    version: u32,
    body: &'a [u8],
}

impl<'a> Older<'a> {
    pub(super) fn new(name: &'static str, version: u32, body: &'a [u8]) -> Self {
        Self { name, version, body }
    }

    /// The [`VERSION`](super::Document::VERSION) that wrote it.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The document, as a type that has the shape of then. Names are stored with the values, so whatever describes itself does as well.
    ///
    /// # Errors
    ///
    /// [`Codec`](crate::Code::Codec): it hasn't that shape.
    pub fn decode<D: DeserializeOwned>(&self) -> Result<D> {
        Ok(messagepack::decode(self.body)?)
    }

    /// That there is no way from this version to today's.
    pub fn unknown(&self) -> Error {
        Error::codec(format!("there is no upgrade of a `{}` from version {}", self.name, self.version))
    }
}

impl fmt::Debug for Older<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Older").field("name", &self.name).field("version", &self.version).finish_non_exhaustive()
    }
}
