use std::collections::BTreeMap;
use std::fmt;

use crate::context::{Access, Context, DocumentKey, Version, Write};
use crate::error::Result;
use crate::handler::{FromNode, Resolver};

use super::collection::Collection;
use super::{Document, Page, form};

/// The documents of one type, to be read and written within the unit of work of the handler that asks for `&Documents<T>`.
///
/// What the handler writes is kept in its context's journal. Its own reads see it at once; others see it when the handler has
/// succeeded and all of it is committed, together with what it published. After an `Err` nothing is left of it.
///
/// Each version that was read must still hold at the commit. If another was faster the handler runs again, a bounded number of times, on
/// what is there by then; so it must be free of effects of its own. [`peek`](Self::peek) reads without that.
pub struct Documents<T>(pub(super) Collection<T>);

impl<T: Document> Documents<T> {
    /// The document of this key, if there is one; its version, or that there is none, must still hold at the commit.
    ///
    /// # Errors
    ///
    /// [`Validation`](crate::Code::Validation): the key isn't allowed; [`Codec`](crate::Code::Codec): what is stored is no `T`, or can't be
    /// upgraded; [`SchemaMismatch`](crate::Code::SchemaMismatch): a newer version wrote it; [`TooLarge`](crate::Code::TooLarge): the unit of work has 1,000 documents; [`Unavailable`](crate::Code::Unavailable): the store is
    /// away.
    pub async fn get(&self, cx: &Context, key: &T::Key) -> Result<Option<T>> {
        self.read(cx, key, |version, key| cx.journal(|journal| journal.saw(key, version))).await
    }

    /// The document of this key, if there is one, whatever becomes of it before the commit.
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get), but for `TooLarge`.
    pub async fn peek(&self, cx: &Context, key: &T::Key) -> Result<Option<T>> {
        self.read(cx, key, |_, _| Ok(())).await
    }

    /// Some documents whose keys begin with `prefix`, 1 to 1,000 a page and 8 MiB as they are stored: the first ones, or those behind
    /// [`next`](Page::next) of the page before; the handler's own writes among them.
    ///
    /// The versions of the documents on it must still hold at the commit. A document that is inserted meanwhile isn't noticed.
    ///
    /// # Errors
    ///
    /// [`Validation`](crate::Code::Validation): `limit` isn't allowed; else as for [`get`](Self::get).
    pub async fn list(&self, cx: &Context, prefix: &str, after: Option<&str>, limit: usize) -> Result<Page<T>> {
        let listed = self.0.listed(prefix, after, limit).await?;
        let mut found = own_writes::<T>(cx, prefix, after);
        if let Some((last, _)) = listed.documents.last().filter(|_| listed.more) {
            // Between those and what is stored behind the page there may be others.
            found.retain(|key, _| key <= last);
        }
        for (key, stored) in listed.documents {
            found.entry(key).or_insert(Found::Stored(stored.version, stored.body));
        }
        let rest = found.keys().nth(limit).cloned();
        if let Some(rest) = &rest {
            found.split_off(rest);
        }
        let last = found.last_key_value().map(|(key, _)| key.clone());
        let next = last.filter(|_| rest.is_some() || listed.more);

        let mut documents = Vec::with_capacity(found.len());
        for (key, found) in found {
            let body = match &found {
                Found::Removed => continue,
                Found::Written(body) => body.as_slice(),
                Found::Stored(version, body) => {
                    cx.journal(|journal| journal.saw(Collection::<T>::stored_key(key.clone()), *version))?;
                    body
                }
            };
            documents.push(form::decode(&key, body)?);
        }
        Ok(Page { documents, next })
    }

    /// Adds a document when the handler has succeeded.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::Code::Conflict): it is known that there is one of this key. (If that turns out at the commit, it is the
    /// handler's outcome.) [`Validation`](crate::Code::Validation): the key isn't allowed; [`TooLarge`](crate::Code::TooLarge): the
    /// document has more than 512 KiB, or the unit of work has 1,000 documents or 8 MiB; [`Codec`](crate::Code::Codec): it can't be
    /// encoded; [`Internal`](crate::Code::Internal): the context is that of a handler that only reads.
    pub fn insert(&self, cx: &Context, document: &T) -> Result<()> {
        let (key, body) = self.to_write(cx, document)?;
        cx.journal(|journal| journal.insert(key, body))
    }

    /// Replaces a document when the handler has succeeded.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::Code::Conflict): it is known that there is none of this key. Else as for [`insert`](Self::insert).
    pub fn update(&self, cx: &Context, document: &T) -> Result<()> {
        let (key, body) = self.to_write(cx, document)?;
        cx.journal(|journal| journal.update(key, body))
    }

    /// Removes the document of this key, if there is one, when the handler has succeeded.
    ///
    /// # Errors
    ///
    /// As for [`insert`](Self::insert), but for `Conflict` and `Codec`.
    pub fn remove(&self, cx: &Context, key: &T::Key) -> Result<()> {
        cx.may_write("remove documents")?;
        let key = Collection::<T>::key(key)?;
        cx.journal(|journal| journal.remove(key))
    }

    /// What the handler wrote, or else what is stored; `saw` is told of the latter.
    async fn read(
        &self,
        cx: &Context,
        key: &T::Key,
        saw: impl FnOnce(Version, DocumentKey) -> Result<()>,
    ) -> Result<Option<T>> {
        let key = Collection::<T>::key(key)?;
        let written = cx.journal(|journal| {
            let write = journal.access(&key)?.write.as_ref()?;
            Some(write.body().map(|body| form::decode(&key.key, body)))
        });
        if let Some(document) = written {
            return document.transpose();
        }
        let stored = self.0.stored(&key.key).await?;
        let document = stored.as_ref().map(|stored| form::decode(&key.key, &stored.body)).transpose()?;
        saw(stored.map_or(0, |stored| stored.version), key)?;
        Ok(document)
    }

    fn to_write(&self, cx: &Context, document: &T) -> Result<(DocumentKey, Vec<u8>)> {
        cx.may_write("write documents")?;
        Ok((Collection::<T>::key(&document.key())?, form::encode(document)?))
    }
}

/// A document on its way to a page.
enum Found {
    Removed,
    Written(Vec<u8>),
    Stored(Version, bytes::Bytes),
}

/// What the handler wrote among these keys, behind `after`.
fn own_writes<T: Document>(cx: &Context, prefix: &str, after: Option<&str>) -> BTreeMap<String, Found> {
    let is_asked_for = |key: &str| key.starts_with(prefix) && after.is_none_or(|after| key > after);
    let found = |(key, access): (&DocumentKey, &Access)| {
        let found = match access.write.as_ref()? {
            Write::Remove => Found::Removed,
            write => Found::Written(write.body()?.to_vec()),
        };
        Some((key.key.clone(), found))
    };
    cx.journal(|journal| {
        let own = journal.documents().iter().filter(|(key, _)| key.collection == T::NAME && is_asked_for(&key.key));
        own.filter_map(found).collect()
    })
}

impl<T: Document> FromNode for Documents<T> {
    const RUNS_AGAIN: bool = true;

    fn from_node(resolver: &mut Resolver<'_>) -> Option<Self> {
        resolver.uses.documents = true;
        Collection::from_node(resolver).map(Self)
    }
}

impl<T> Clone for Documents<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Document> fmt::Debug for Documents<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Documents").field(&self.0).finish()
    }
}
