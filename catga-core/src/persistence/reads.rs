use async_trait::async_trait;
use bytes::Bytes;

use crate::context::Version;
use crate::error::Result;

/// Reads documents as they are committed.
#[async_trait]
pub trait DocumentReads: Send + Sync {
    /// The document of this key in this collection, if there is one.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::Code::Unavailable).
    async fn get(&self, collection: &str, key: &str) -> Result<Option<Stored>>;

    /// Some documents of a collection, in the order of their keys' bytes. Each is read as it is committed, the page as a whole isn't one
    /// moment's state.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::Code::Unavailable).
    async fn list(&self, collection: &str, listing: Listing) -> Result<Listed>;
}

/// A document as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its version.
    pub version: Version,
    /// What was written.
    pub body: Bytes,
}

/// Which documents of a collection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Those whose keys begin so; all, if it is empty.
    pub prefix: String,
    /// Those behind this key.
    pub after: Option<String>,
    /// So many, and [`MAX_BYTES`](Self::MAX_BYTES) of bodies, but one at least; fewer only where there are no more.
    pub limit: usize,
}

impl Listing {
    /// The most bytes of bodies in one answer, unless it is a single body.
    pub const MAX_BYTES: usize = 8 * 1024 * 1024;
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// The documents with their keys.
    pub documents: Vec<(String, Stored)>,
    /// Whether there are more behind the last one.
    pub more: bool,
}
