use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::context::DocumentKey;
use crate::error::{Error, Result};
use crate::handler::Resolver;

use super::super::{Listed, Listing, Store, Stored};
use super::Document;

/// The longest key, in bytes.
const MAX_KEY: usize = 512;
/// The longest name of a collection, in bytes.
const MAX_NAME: usize = 64;
/// The most documents of one page.
const MAX_PAGE: usize = 1_000;

/// The stored documents of one type: what reading and writing have in common.
pub(super) struct Collection<T> {
    store: Arc<dyn Store>,
    holds: PhantomData<fn() -> T>,
}

impl<T: Document> Collection<T> {
    /// The one of this node; says what is missing if there is none.
    pub(super) fn from_node(resolver: &mut Resolver<'_>) -> Option<Self> {
        let (handler, wanted) = (resolver.handler, type_name::<T>());
        if !is_name(T::NAME) {
            resolver.problem(format!(
                "{handler} asks for documents of `{wanted}`, whose name {:?} isn't 1 to {MAX_NAME} ASCII letters, digits, `-`, `_` or `.`: change `Document::NAME`",
                T::NAME
            ));
            return None;
        }
        let first = *resolver.collections.entry(T::NAME).or_insert(wanted);
        if first != wanted {
            resolver.problem(format!(
                "{handler} asks for documents of `{wanted}`, whose name {:?} is that of `{first}` as well: change one `Document::NAME`",
                T::NAME
            ));
            return None;
        }
        let store = resolver.store.cloned();
        if store.is_none() {
            resolver.problem(format!(
                "{handler} asks for documents of `{wanted}`, but there is no persistence: call `.persistence(…)` on the node's builder"
            ));
        }
        store.map(Self::new)
    }

    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, holds: PhantomData }
    }

    pub(super) async fn stored(&self, key: &str) -> Result<Option<Stored>> {
        self.store.get(T::NAME, key).await
    }

    /// A page of what is stored, behind a key.
    pub(super) async fn listed(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Listed> {
        if !(1..=MAX_PAGE).contains(&limit) {
            return Err(Error::validation(format!("a page has 1 to {MAX_PAGE} documents, not {limit}")));
        }
        let listing = Listing { prefix: prefix.to_owned(), after: after.map(str::to_owned), limit };
        self.store.list(T::NAME, listing).await
    }

    /// The key under which a document is stored.
    pub(super) fn key(key: &T::Key) -> Result<DocumentKey> {
        let key = key.to_string();
        if (1..=MAX_KEY).contains(&key.len()) && !key.chars().any(char::is_control) {
            return Ok(Self::stored_key(key));
        }
        Err(Error::validation(format!("the key of a `{}` has 1 to {MAX_KEY} bytes and no control characters", T::NAME)))
    }

    /// A key that was stored, and so is allowed.
    pub(super) fn stored_key(key: String) -> DocumentKey {
        DocumentKey { collection: T::NAME, key }
    }
}

impl<T> Clone for Collection<T> {
    fn clone(&self) -> Self {
        Self { store: self.store.clone(), holds: PhantomData }
    }
}

impl<T: Document> fmt::Debug for Collection<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::NAME)
    }
}

fn is_name(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(is_allowed)
}
