//! `#[derive(CatgaError)]`: an application's error type becomes a `catga::Error`, with `?`.

mod check;
mod expand;
mod parse;

use proc_macro2::TokenStream;

use crate::shared::{Mistakes, crate_path};

/// The expansion, or all mistakes as compile errors.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    expansion(input).unwrap_or_else(syn::Error::into_compile_error)
}

fn expansion(input: TokenStream) -> syn::Result<TokenStream> {
    let input = syn::parse2(input)?;
    let mut mistakes = Mistakes::default();
    let written = parse::parse(&input, &mut mistakes);
    let meant = check::check(&written, &mut mistakes);
    mistakes.none()?;
    Ok(expand::expand(&meant, &crate_path()?))
}
