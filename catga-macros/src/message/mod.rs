//! `#[derive(Request)]` and `#[derive(Event)]`: a type becomes a message, with a name, a kind, a response and a schema.

mod check;
mod expand;
mod parse;

use proc_macro2::TokenStream;
use syn::{Data, DeriveInput};

use crate::{
    schema,
    shared::{Mistakes, crate_path},
};
use parse::Options;

/// The expansion of `derive(Request)`, or all mistakes as compile errors.
pub(crate) fn derive_request(item: &DeriveInput) -> TokenStream {
    derive(item, Options::of_request)
}

/// The expansion of `derive(Event)`, or all mistakes as compile errors.
pub(crate) fn derive_event(item: &DeriveInput) -> TokenStream {
    derive(item, Options::of_event)
}

/// The mistakes that the schema's room finds are reported beside those of this one.
fn derive(item: &DeriveInput, read: fn(&DeriveInput, &mut Mistakes) -> Options) -> TokenStream {
    if let Data::Union(_) = item.data {
        return schema::expand(item);
    }
    let mut tokens = expansion(item, read).unwrap_or_else(syn::Error::into_compile_error);
    tokens.extend(schema::expand(item));
    tokens
}

fn expansion(item: &DeriveInput, read: fn(&DeriveInput, &mut Mistakes) -> Options) -> syn::Result<TokenStream> {
    let mut mistakes = Mistakes::default();
    let options = read(item, &mut mistakes);
    let meant = check::check(item, &options, &mut mistakes);
    mistakes.none()?;
    Ok(expand::expand(&meant, &crate_path()?))
}
