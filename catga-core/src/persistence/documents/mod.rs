//! Documents: versioned values that handlers read and write within their unit of work.
//!
//! A handler asks for `&Documents<T>` and gets it from its node; a query, or an event handler that runs on every node, asks for
//! `&DocumentsView<T>`, which only reads. A node without a persistence refuses both when it starts.
//!
//! ```
//! use catga_core::persistence::Document;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Order {
//!     id: u64,
//!     total: u32,
//! }
//!
//! impl Document for Order {
//!     const NAME: &'static str = "Order";
//!     type Key = u64;
//!
//!     fn key(&self) -> u64 {
//!         self.id
//!     }
//! }
//!
//! assert_eq!(Order { id: 7, total: 20 }.key(), 7);
//! ```
//!
//! # When the type changes
//!
//! A document is stored with the [`VERSION`](Document::VERSION) of its type. Fields with `#[serde(default)]` come and go without a new one.
//! For any other change, raise it and write [`upgrade`](Document::upgrade), from every version that may still be stored:
//!
//! ```
//! use catga_core::{Result, persistence::{Document, Older}};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! struct Order {
//!     id: u64,
//!     /// Version 1 had a total in whole euros.
//!     cents: u64,
//! }
//!
//! #[derive(Deserialize)]
//! struct Order1 {
//!     id: u64,
//!     total: u32,
//! }
//!
//! impl From<Order1> for Order {
//!     fn from(old: Order1) -> Self {
//!         Self { id: old.id, cents: u64::from(old.total) * 100 }
//!     }
//! }
//!
//! impl Document for Order {
//!     const NAME: &'static str = "Order";
//!     const VERSION: u32 = 2;
//!     type Key = u64;
//!
//!     fn key(&self) -> u64 {
//!         self.id
//!     }
//!
//!     fn upgrade(old: Older<'_>) -> Result<Self> {
//!         match old.version() {
//!             1 => Ok(old.decode::<Order1>()?.into()),
//!             _ => Err(old.unknown()),
//!         }
//!     }
//! }
//!
//! assert_eq!(Order::from(Order1 { id: 7, total: 20 }), Order { id: 7, cents: 2000 });
//! ```
//!
//! An upgraded document is stored as such when a handler updates it, not before. While programs of both versions run, the older ones
//! can't read what the newer ones have written: their handlers fail with
//! [`SchemaMismatch`](crate::Code::SchemaMismatch), and what they were to handle waits for a node that can.

mod collection;
mod form;
mod older;
mod page;
#[cfg(test)]
mod tests;
mod view;
mod writing;

pub use older::Older;
pub use page::Page;
pub use view::DocumentsView;
pub use writing::Documents;

use std::fmt::Display;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Result;

/// A value that is stored under a key.
///
/// It is stored as MessagePack with names, in a list of two: the version of its type, and the document.
///
/// Limits: a key has 1 to 512 bytes and no control characters, a document as it is stored 512 KiB; a unit of work has 1,000 documents and
/// 8 MiB; a store has [its own](super::Limits).
pub trait Document: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The collection's name within the service: 1 to 64 ASCII letters, digits, `-`, `_` or `.`. One type has it alone, and it outlives the
    /// type's own name.
    const NAME: &'static str;

    /// The version of the type's shape, which is stored with each document; raised with each change that isn't a field with a default.
    const VERSION: u32 = 1;

    /// What tells one from another. Its text is what is stored, and what lists are ordered by, byte by byte.
    type Key: Display;

    /// This one's key.
    fn key(&self) -> Self::Key;

    /// Makes a document of today of one that was stored by an older version. Unless it is written, there is no way from any.
    ///
    /// # Errors
    ///
    /// Why it can't be: whoever reads the document gets it as the source of a [`Codec`](crate::Code::Codec).
    fn upgrade(old: Older<'_>) -> Result<Self> {
        Err(old.unknown())
    }
}
