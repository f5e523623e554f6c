use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use crate::envelope::Envelope;
use crate::error::{Error, Result};

use super::children::Children;
use super::{Access, DocumentKey, Version};

/// How many messages one unit of work may put out.
pub(crate) const MAX_OUTGOING: usize = 1_000;
/// How many documents one unit of work may read and write.
pub(crate) const MAX_DOCUMENTS: usize = 1_000;
/// How many bytes of documents and messages one unit of work may write.
pub(crate) const MAX_BYTES: usize = 8 * 1024 * 1024;

/// What one run of a handler read, wrote and put out: the contents of its unit of work.
///
/// At most 1,000 documents that were read or written, 1,000 outgoing messages, and 8 MiB of what is written and put out.
#[derive(Debug, Default)]
pub struct Journal {
    documents: BTreeMap<DocumentKey, Access>,
    outgoing: Vec<Outgoing>,
    /// Not for the store: they have been sent.
    children: Children,
    bytes: usize,
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
    /// A journal of this: what the tests of a store commit. Handlers get theirs from their context.
    ///
    /// # Errors
    ///
    /// [`TooLarge`](crate::Code::TooLarge): it is more than a unit of work may hold.
    pub fn from_parts(documents: BTreeMap<DocumentKey, Access>, outgoing: Vec<Outgoing>) -> Result<Self> {
        if documents.len() > MAX_DOCUMENTS {
            return Err(full("documents", MAX_DOCUMENTS));
        }
        let mut journal = Self::default();
        let written = documents.values().map(Access::bytes).sum();
        journal.check_room(0, written)?;
        (journal.bytes, journal.documents) = (written, documents);
        outgoing.into_iter().try_for_each(|outgoing| journal.put_out(outgoing))?;
        Ok(journal)
    }

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
        let bytes = outgoing.envelope.body.len();
        self.check_room(0, bytes)?;
        self.bytes += bytes;
        self.outgoing.push(outgoing);
        Ok(())
    }

    /// The commands that were sent.
    pub(super) fn children_mut(&mut self) -> &mut Children {
        &mut self.children
    }

    /// What was done with this document, if anything was.
    pub(crate) fn access(&self, key: &DocumentKey) -> Option<&Access> {
        self.documents.get(key)
    }

    /// A document, or that there is none, was read.
    pub(crate) fn saw(&mut self, key: DocumentKey, version: Version) -> Result<()> {
        self.document(key)?.read.get_or_insert(version);
        Ok(())
    }

    /// A new document is to be written.
    pub(crate) fn insert(&mut self, key: DocumentKey, body: Vec<u8>) -> Result<()> {
        let written = body.len();
        self.change(key, written, |access, key| access.insert(key, body))
    }

    /// New contents are to be written.
    pub(crate) fn update(&mut self, key: DocumentKey, body: Vec<u8>) -> Result<()> {
        let written = body.len();
        self.change(key, written, |access, key| access.update(key, body))
    }

    /// A document is to be removed.
    pub(crate) fn remove(&mut self, key: DocumentKey) -> Result<()> {
        self.change(key, 0, |access, _| {
            access.remove();
            Ok(())
        })
    }

    fn change(
        &mut self,
        key: DocumentKey,
        written: usize,
        change: impl FnOnce(&mut Access, &DocumentKey) -> Result<()>,
    ) -> Result<()> {
        let before = self.document(key.clone())?.bytes();
        self.check_room(before, written)?;
        change(self.document(key.clone())?, &key)?;
        self.bytes = self.bytes - before + written;
        Ok(())
    }

    /// Refuses what there is no room for, where it takes the place of `instead` bytes.
    fn check_room(&self, instead: usize, bytes: usize) -> Result<()> {
        if self.bytes - instead + bytes <= MAX_BYTES {
            return Ok(());
        }
        Err(Error::too_large(format!("a unit of work writes at most {MAX_BYTES} bytes")))
    }

    /// This document's entry, made if there is none.
    fn document(&mut self, key: DocumentKey) -> Result<&mut Access> {
        let count = self.documents.len();
        match self.documents.entry(key) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(_) if count >= MAX_DOCUMENTS => Err(full("documents", MAX_DOCUMENTS)),
            Entry::Vacant(entry) => Ok(entry.insert(Access::default())),
        }
    }
}

fn full(what: &str, limit: usize) -> Error {
    Error::too_large(format!("a unit of work holds at most {limit} {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Codec;
    use crate::context::Write;
    use crate::error::Code;
    use crate::message::{Kind, MessageId};

    fn outgoing(bytes: usize) -> Outgoing {
        let envelope = Envelope::new(MessageId::new(), "Placed", Kind::Event, Codec::MessagePack, vec![0; bytes]);
        Outgoing { envelope, route: Route::Publish }
    }

    fn key(key: &str) -> DocumentKey {
        DocumentKey { collection: "Order", key: key.to_owned() }
    }

    #[test]
    fn outgoing_messages_are_bounded_in_number_and_with_the_documents_in_bytes() {
        let mut journal = Journal::default();
        for _ in 0..MAX_OUTGOING {
            journal.put_out(outgoing(1)).unwrap();
        }
        assert_eq!(journal.put_out(outgoing(1)).unwrap_err().code(), Code::TooLarge);

        let mut journal = Journal::default();
        journal.insert(key("7"), vec![0; MAX_BYTES / 2]).unwrap();
        journal.put_out(outgoing(MAX_BYTES / 2)).unwrap();
        assert_eq!(journal.put_out(outgoing(1)).unwrap_err().code(), Code::TooLarge);
        assert_eq!(journal.update(key("7"), vec![0; MAX_BYTES / 2 + 1]).unwrap_err().code(), Code::TooLarge);
        journal.remove(key("7")).unwrap();
        journal.put_out(outgoing(MAX_BYTES / 2)).unwrap();
    }

    #[test]
    fn a_journal_of_parts_is_bounded_likewise() {
        let written = |bytes| Access { read: None, write: Some(Write::Put(vec![0; bytes])) };
        let documents = BTreeMap::from([(key("7"), written(MAX_BYTES))]);
        let journal = Journal::from_parts(documents.clone(), vec![outgoing(0); MAX_OUTGOING]).unwrap();
        assert_eq!((journal.documents().len(), journal.outgoing().len()), (1, MAX_OUTGOING));

        let many = || (0..=MAX_DOCUMENTS).map(|name| (key(&name.to_string()), Access::default())).collect();
        for (documents, outgoing) in [
            (documents.clone(), vec![outgoing(1)]),
            (BTreeMap::new(), vec![outgoing(0); MAX_OUTGOING + 1]),
            (BTreeMap::from([(key("7"), written(MAX_BYTES + 1))]), Vec::new()),
            (many(), Vec::new()),
        ] {
            assert_eq!(Journal::from_parts(documents, outgoing).unwrap_err().code(), Code::TooLarge);
        }
    }

    #[test]
    fn a_journal_is_idle_until_something_is_written_or_put_out() {
        let mut journal = Journal::default();
        journal.saw(key("7"), 3).unwrap();
        assert!(journal.is_idle());
        journal.remove(key("7")).unwrap();
        assert!(!journal.is_idle());

        let mut journal = Journal::default();
        journal.put_out(outgoing(0)).unwrap();
        assert!(!journal.is_idle());
    }

    #[test]
    fn the_version_that_was_read_first_stays() {
        let mut journal = Journal::default();
        journal.saw(key("7"), 3).unwrap();
        journal.saw(key("7"), 4).unwrap();
        assert_eq!(journal.access(&key("7")).and_then(|access| access.read), Some(3));
    }

    #[test]
    fn what_was_inserted_and_removed_again_must_still_be_missing() {
        let mut journal = Journal::default();
        journal.insert(key("7"), vec![1]).unwrap();
        journal.remove(key("7")).unwrap();
        let access = journal.access(&key("7")).unwrap();
        assert_eq!((access.read, &access.write), (Some(0), &None));
    }
}
