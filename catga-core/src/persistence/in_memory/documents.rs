use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use bytes::Bytes;

use crate::context::{Access, DocumentKey, Version, Write};
use crate::error::{Error, Result};

use super::super::{Listed, Listing, Stored};
use super::Limits;

/// All documents of one service, by collection and key.
#[derive(Debug, Default)]
pub(super) struct Documents {
    collections: HashMap<&'static str, BTreeMap<String, Stored>>,
    count: usize,
    bytes: usize,
    last_version: Version,
}

/// Why a unit of work can't be written.
#[derive(Debug)]
pub(super) enum Refusal {
    Moved,
    Failed(Error),
}

impl Documents {
    pub(super) fn get(&self, collection: &str, key: &str) -> Option<&Stored> {
        self.collections.get(collection)?.get(key)
    }

    pub(super) fn list(&self, collection: &str, listing: &Listing) -> Listed {
        let Some(documents) = self.collections.get(collection) else { return Listed::default() };
        let start = match &listing.after {
            Some(after) if *after >= listing.prefix => Bound::Excluded(after.as_str()),
            _ => Bound::Included(listing.prefix.as_str()),
        };
        let found = documents.range::<str, _>((start, Bound::Unbounded));
        let (mut listed, mut bytes) = (Listed::default(), 0);
        for (key, stored) in found.take_while(|(key, _)| key.starts_with(&listing.prefix)) {
            bytes += stored.body.len();
            let is_over = bytes > Listing::MAX_BYTES && !listed.documents.is_empty();
            if is_over || listed.documents.len() == listing.limit {
                listed.more = true;
                break;
            }
            listed.documents.push((key.clone(), stored.clone()));
        }
        listed
    }

    /// Checks, and changes nothing.
    pub(super) fn check(&self, accesses: &BTreeMap<DocumentKey, Access>, limits: &Limits) -> Result<(), Refusal> {
        for (key, access) in accesses {
            let version = self.get(key.collection, &key.key).map_or(0, |stored| stored.version);
            if access.read.is_some_and(|read| read != version) {
                return Err(Refusal::Moved);
            }
        }
        for (key, access) in accesses {
            let exists = self.get(key.collection, &key.key).is_some();
            match access.write {
                Some(Write::Insert(_)) if exists => return Err(Refusal::Failed(key.exists())),
                Some(Write::Update(_)) if !exists => return Err(Refusal::Failed(key.missing())),
                _ => {}
            }
        }
        self.check_room(accesses, limits).map_err(Refusal::Failed)
    }

    fn check_room(&self, accesses: &BTreeMap<DocumentKey, Access>, limits: &Limits) -> Result<()> {
        let (mut count, mut bytes) = (self.count, self.bytes);
        for (key, access) in accesses {
            let Some(write) = &access.write else { continue };
            if let Some(old) = self.get(key.collection, &key.key) {
                count -= 1;
                bytes -= key.key.len() + old.body.len();
            }
            if let Some(body) = write.body() {
                count += 1;
                bytes += key.key.len() + body.len();
            }
        }
        // What makes it smaller is always welcome.
        let is_full =
            (count > limits.documents && count > self.count) || (bytes > limits.document_bytes && bytes > self.bytes);
        if is_full {
            return Err(Error::unavailable(format!(
                "the store is full: {} documents of at most {}, {} bytes of at most {}",
                self.count, limits.documents, self.bytes, limits.document_bytes
            )));
        }
        Ok(())
    }

    /// Writes what was checked.
    pub(super) fn write(&mut self, accesses: BTreeMap<DocumentKey, Access>) {
        for (key, access) in accesses {
            if let Some(write) = access.write {
                self.write_one(key, write.into_body());
            }
        }
    }

    fn write_one(&mut self, key: DocumentKey, body: Option<Vec<u8>>) {
        let documents = self.collections.entry(key.collection).or_default();
        let key_length = key.key.len();
        let old = match body {
            Some(body) => {
                self.last_version += 1;
                self.count += 1;
                self.bytes += key_length + body.len();
                documents.insert(key.key, Stored { version: self.last_version, body: Bytes::from(body) })
            }
            None => documents.remove(&key.key),
        };
        if let Some(old) = old {
            self.count -= 1;
            self.bytes -= key_length + old.body.len();
        }
    }
}
