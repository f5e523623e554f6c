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

mod collection;
mod page;
#[cfg(test)]
mod tests;
mod view;
mod writing;

pub use page::Page;
pub use view::DocumentsView;
pub use writing::Documents;

use std::fmt::Display;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value that is stored under a key, as MessagePack with names, so that fields with a default can come and go.
///
/// Limits: a key has 1 to 512 bytes and no control characters, a document 512 KiB.
pub trait Document: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The collection's name within the service: 1 to 64 ASCII letters, digits, `-`, `_` or `.`. One type has it alone, and it outlives the
    /// type's own name.
    const NAME: &'static str;

    /// What tells one from another. Its text is what is stored, and what lists are ordered by, byte by byte.
    type Key: Display;

    /// This one's key.
    fn key(&self) -> Self::Key;
}
