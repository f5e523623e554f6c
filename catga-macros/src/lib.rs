//! The macros of Catga; use them through `catga`, which re-exports them.
//!
//! Each macro is a folder with three files, in the order in which they run: `parse` (tokens to what was written), `check` (what was
//! written to what is meant, or all of its mistakes at once), `expand` (what is meant to code). The entry points here hold no logic.

mod error;
mod shared;

use proc_macro::TokenStream;

/// Every mistake in the options is a compile error at its own place, and all of them are reported together.
#[proc_macro_derive(CatgaError, attributes(catga))]
pub fn derive_catga_error(input: TokenStream) -> TokenStream {
    error::derive(input.into()).into()
}
