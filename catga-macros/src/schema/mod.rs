//! `derive(Schema)`: from a struct or an enum and its serde attributes to the description of what serde encodes.
//!
//! `derive(Request)` and `derive(Event)` call [`expand`] too, since each message has a schema.

mod check;
mod expand;
mod parse;
mod rename;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::shared::{Mistakes, crate_path};

/// The `Schema` of an item, or all of its mistakes as compile errors.
pub(crate) fn expand(item: &DeriveInput) -> TokenStream {
    let mut mistakes = Mistakes::default();
    let definition = check::check(item, &mut mistakes);
    let core = mistakes.take(crate_path());
    match (mistakes.none(), definition, core) {
        (Ok(()), Some(definition), Some(core)) => expand::expand(item, &definition, &core),
        (Err(error), ..) => error.into_compile_error(),
        // Whoever yields nothing has added a mistake.
        (Ok(()), ..) => TokenStream::new(),
    }
}
