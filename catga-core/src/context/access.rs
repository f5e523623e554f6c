use crate::error::{Error, Result};

/// Which document: its collection's name and its own key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentKey {
    /// The collection, as `Document::NAME` says.
    pub collection: &'static str,
    /// The document's key within its collection.
    pub key: String,
}

impl DocumentKey {
    /// That it can't be inserted.
    pub fn exists(&self) -> Error {
        Error::conflict(format!("there is a `{}` of the key {:?} already", self.collection, self.key))
    }

    /// That it can't be updated.
    pub fn missing(&self) -> Error {
        Error::conflict(format!("there is no `{}` of the key {:?} to be updated", self.collection, self.key))
    }
}

/// The version of a stored document: another with each change, and never the same again for its key, also after it was removed and
/// inserted anew; 0 where there is none. Compared for equality only.
pub type Version = u64;

/// What a unit of work did with one document.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// The version that was read first; it must still hold at commit. `None`: not read, or only peeked at.
    pub read: Option<Version>,
    /// What is to be written, if anything is.
    pub write: Option<Write>,
}

/// One write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// A new document; a conflict if there is one.
    Insert(Vec<u8>),
    /// The new contents of a document; a conflict if there is none.
    Update(Vec<u8>),
    /// The contents of a document, whether there is one or not: what was removed and inserted again.
    Put(Vec<u8>),
    /// Its end; nothing happens if there is none.
    Remove,
}

impl Write {
    /// What the document holds then; `None` if it is gone.
    pub fn body(&self) -> Option<&[u8]> {
        match self {
            Self::Insert(body) | Self::Update(body) | Self::Put(body) => Some(body),
            Self::Remove => None,
        }
    }

    /// [`body`](Self::body), taken.
    pub fn into_body(self) -> Option<Vec<u8>> {
        match self {
            Self::Insert(body) | Self::Update(body) | Self::Put(body) => Some(body),
            Self::Remove => None,
        }
    }
}

impl Access {
    /// How many bytes it writes.
    pub(super) fn bytes(&self) -> usize {
        self.write.as_ref().and_then(Write::body).map_or(0, <[u8]>::len)
    }

    /// A new document.
    pub(super) fn insert(&mut self, key: &DocumentKey, body: Vec<u8>) -> Result<()> {
        self.write = Some(match (&self.write, self.read) {
            (None, None | Some(0)) => Write::Insert(body),
            (Some(Write::Remove), _) => Write::Put(body),
            _ => return Err(key.exists()),
        });
        Ok(())
    }

    /// New contents.
    pub(super) fn update(&mut self, key: &DocumentKey, body: Vec<u8>) -> Result<()> {
        self.write = Some(match (&self.write, self.read) {
            (None, Some(0)) | (Some(Write::Remove), _) => return Err(key.missing()),
            (None | Some(Write::Update(_)), _) => Write::Update(body),
            (Some(Write::Insert(_)), _) => Write::Insert(body),
            (Some(Write::Put(_)), _) => Write::Put(body),
        });
        Ok(())
    }

    /// Its end.
    pub(super) fn remove(&mut self) {
        if let Some(Write::Insert(_)) = self.write {
            // The insert promised that there was none, which must still be so at commit.
            self.read.get_or_insert(0);
            self.write = None;
        } else {
            self.write = Some(Write::Remove);
        }
    }
}
