use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use crate::envelope::Envelope;
use crate::error::{Error, Result};

/// How many messages one unit of work may put out.
pub(crate) const MAX_OUTGOING: usize = 1_000;
/// How many documents one unit of work may read and write.
pub(crate) const MAX_DOCUMENTS: usize = 1_000;

/// What one run of a handler read, wrote and put out: the contents of its unit of work.
///
/// At most 1,000 documents and 1,000 outgoing messages.
#[derive(Debug, Default)]
pub struct Journal {
    documents: BTreeMap<DocumentKey, Access>,
    outgoing: Vec<Outgoing>,
}

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

/// A message that leaves when the unit of work is committed.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The message.
    pub envelope: Envelope,
    /// Where it goes.
    pub route: Route,
}

/// Where an outgoing message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// To every subscription.
    Publish,
    /// To one node of the owning service, after this delay.
    Enqueue {
        /// How long it waits first.
        delay: Option<Duration>,
    },
}

impl Journal {
    /// What was done with each document, in the order of their keys.
    pub fn documents(&self) -> &BTreeMap<DocumentKey, Access> {
        &self.documents
    }

    /// The messages that are to leave, in the order in which they were put out.
    pub fn outgoing(&self) -> &[Outgoing] {
        &self.outgoing
    }

    /// The messages that are to leave, taken.
    pub fn into_outgoing(self) -> Vec<Outgoing> {
        self.outgoing
    }

    /// What was done with each document, and the messages that are to leave, taken.
    pub fn into_parts(self) -> (BTreeMap<DocumentKey, Access>, Vec<Outgoing>) {
        (self.documents, self.outgoing)
    }

    /// Whether there is nothing to commit: no write, no message.
    pub fn is_idle(&self) -> bool {
        self.outgoing.is_empty() && self.documents.values().all(|access| access.write.is_none())
    }

    pub(crate) fn put_out(&mut self, outgoing: Outgoing) -> Result<()> {
        if self.outgoing.len() >= MAX_OUTGOING {
            return Err(full("outgoing messages", MAX_OUTGOING));
        }
        self.outgoing.push(outgoing);
        Ok(())
    }

    /// This document's entry, made if there is none.
    pub(crate) fn document(&mut self, key: DocumentKey) -> Result<&mut Access> {
        let count = self.documents.len();
        match self.documents.entry(key) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(_) if count >= MAX_DOCUMENTS => Err(full("documents", MAX_DOCUMENTS)),
            Entry::Vacant(entry) => Ok(entry.insert(Access::default())),
        }
    }
}

fn full(what: &str, limit: usize) -> Error {
    Error::internal(format!("a unit of work holds at most {limit} {what}"))
}
