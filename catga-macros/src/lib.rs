//! The macros of Catga; use them through `catga`, which re-exports them.
//!
//! Each macro is a folder with three files, in the order in which they run: `parse` (tokens to what was written), `check` (what was
//! written to what is meant, or all of its mistakes at once), `expand` (what is meant to code). The entry points here hold no logic.

mod error;
mod from_node;
mod handler;
mod message;
mod schema;
mod shared;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Every mistake in the options is a compile error at its own place, and all of them are reported together.
#[proc_macro_derive(CatgaError, attributes(catga))]
pub fn derive_catga_error(input: TokenStream) -> TokenStream {
    error::derive(input.into()).into()
}

/// Says what a struct or an enum is encoded as, at any depth, as serde does it; `catga_core::schema` tells what that is good for.
///
/// It reads the `#[serde(…)]` attributes. Those that a positional codec can't carry (`flatten`, `skip_serializing_if`, `untagged`, an
/// internal `tag`, …) are noted in the description, and a request or a response that holds such a type travels as MessagePack with names
/// in place of it.
///
/// | option | on | means |
/// | --- | --- | --- |
/// | `#[schema(as = T)]` | the type, a field | it is encoded as a `T` is |
/// | `#[schema(opaque = "name")]` | the type, a field | its encoding is known by this name, and defined elsewhere; change the name when it changes |
#[proc_macro_derive(Schema, attributes(schema, serde))]
pub fn derive_schema(item: TokenStream) -> TokenStream {
    schema::expand(&parse_macro_input!(item as DeriveInput)).into()
}

/// Every mistake in the options is a compile error at its own place, and all of them are reported together.
#[proc_macro_derive(Request, attributes(request, schema, serde))]
pub fn derive_request(item: TokenStream) -> TokenStream {
    message::derive_request(&parse_macro_input!(item as DeriveInput)).into()
}

/// Every mistake in the options is a compile error at its own place, and all of them are reported together.
#[proc_macro_derive(Event, attributes(event, schema, serde))]
pub fn derive_event(item: TokenStream) -> TokenStream {
    message::derive_event(&parse_macro_input!(item as DeriveInput)).into()
}

/// A field that a node can't make is a compile error at the field's type.
#[proc_macro_derive(FromNode)]
pub fn derive_from_node(item: TokenStream) -> TokenStream {
    from_node::derive(&parse_macro_input!(item as DeriveInput)).into()
}

/// What it stands on stays as it was written, token for token.
#[proc_macro_attribute]
pub fn handler(options: TokenStream, item: TokenStream) -> TokenStream {
    handler::expand(options.into(), item.into()).into()
}

/// The array may stand where a constant may.
#[proc_macro]
pub fn handlers(named: TokenStream) -> TokenStream {
    handler::named(named.into()).into()
}
