use std::fmt;
use std::sync::Arc;

use crate::error::Result;
use crate::handler::{FromNode, Resolver};

use super::super::Store;
use super::collection::Collection;
use super::{Document, Page, form};

/// The documents of one type, as they are committed, to be read by any handler.
///
/// Made by the node for a handler that asks for `&DocumentsView<T>`; tools that have a store and no node make it [of](Self::of) that.
pub struct DocumentsView<T>(pub(super) Collection<T>);

impl<T: Document> DocumentsView<T> {
    /// The documents of one service, as its store has them.
    ///
    /// ```
    /// use catga_core::persistence::{Document, DocumentsView, InMemory, Persistence};
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Serialize, Deserialize)]
    /// struct Order { id: u64 }
    ///
    /// impl Document for Order {
    ///     const NAME: &'static str = "Order";
    ///     type Key = u64;
    ///     fn key(&self) -> u64 { self.id }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> catga_core::Result<()> {
    /// let orders = DocumentsView::<Order>::of(InMemory::new().open("production", "orders").await?);
    /// assert!(orders.get(&7).await?.is_none());
    /// # Ok(())
    /// # }
    /// ```
    pub fn of(store: Arc<dyn Store>) -> Self {
        Self(Collection::new(store))
    }

    /// The document of this key, if there is one. What a commit has confirmed is seen, whichever node committed it.
    ///
    /// # Errors
    ///
    /// [`Validation`](crate::Code::Validation): the key isn't allowed; [`Codec`](crate::Code::Codec): what is stored is no `T`, or can't be
    /// upgraded; [`SchemaMismatch`](crate::Code::SchemaMismatch): a newer version wrote it; [`Unavailable`](crate::Code::Unavailable): the
    /// store is away.
    pub async fn get(&self, key: &T::Key) -> Result<Option<T>> {
        let key = Collection::<T>::key(key)?;
        let stored = self.0.stored(&key.key).await?;
        stored.map(|stored| form::decode(&key.key, &stored.body)).transpose()
    }

    /// Some documents whose keys begin with `prefix`, 1 to 1,000 a page and 8 MiB as they are stored: the first ones, or those behind
    /// [`next`](Page::next) of the page before. The page isn't one moment's state.
    ///
    /// # Errors
    ///
    /// [`Validation`](crate::Code::Validation): `limit` isn't allowed; else as for [`get`](Self::get).
    pub async fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Page<T>> {
        let listed = self.0.listed(prefix, after, limit).await?;
        let last = listed.documents.last().map(|(key, _)| key.clone());
        let decoded = listed.documents.iter().map(|(key, stored)| form::decode(key, &stored.body));
        Ok(Page { documents: decoded.collect::<Result<_>>()?, next: last.filter(|_| listed.more) })
    }
}

impl<T: Document> FromNode for DocumentsView<T> {
    fn from_node(resolver: &mut Resolver<'_>) -> Option<Self> {
        resolver.uses.view = true;
        Collection::from_node(resolver).map(Self)
    }
}

impl<T> Clone for DocumentsView<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Document> fmt::Debug for DocumentsView<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DocumentsView").field(&self.0).finish()
    }
}
