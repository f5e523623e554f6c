//! `#[derive(FromNode)]`: a handler type whose fields are what it asks for.

mod check;
mod expand;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::shared::{Mistakes, crate_path};

/// The expansion, or all mistakes as compile errors.
pub(crate) fn derive(item: &DeriveInput) -> TokenStream {
    expansion(item).unwrap_or_else(syn::Error::into_compile_error)
}

fn expansion(item: &DeriveInput) -> syn::Result<TokenStream> {
    let mut mistakes = Mistakes::default();
    let fields = check::check(item, &mut mistakes);
    mistakes.none()?;
    Ok(expand::expand(item, &fields, &crate_path()?))
}
