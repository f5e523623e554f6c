//! `#[handler]`: a function, or an implementation of `RequestHandler` or `EventHandler`, becomes a registration that the linker finds.
//!
//! What was written stays as it was, token for token, so that an editor's help keeps working in it, also where it is a mistake.
//! `handlers![…]` names registrations for whoever takes them by hand.

mod check;
mod expand;
mod named;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;

use crate::shared::{Mistakes, crate_path};
use parse::{Item, Options};

pub(crate) use named::named;

/// What was written, and the expansion or all mistakes as compile errors.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let more = expansion(options, item.clone()).unwrap_or_else(syn::Error::into_compile_error);
    quote!(#[allow(clippy::unused_async, reason = "a handler is async even where it has nothing to wait for")] #item #more)
}

fn expansion(options: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let mut mistakes = Mistakes::default();
    let options = Options::read(options, &mut mistakes);
    match mistakes.take(syn::parse2(item)) {
        Some(Item::Function(written)) => {
            let meant = check::function(&written, &options, &mut mistakes);
            finish(mistakes, meant, expand::function)
        }
        Some(Item::Implementation(written)) => {
            let meant = check::implementation(&written, &options, &mut mistakes);
            finish(mistakes, meant, expand::implementation)
        }
        None => mistakes.none().map(|()| TokenStream::new()),
    }
}

/// What is meant is there unless a mistake was added.
fn finish<T>(
    mistakes: Mistakes,
    meant: Option<T>,
    expand: fn(&T, &TokenStream) -> TokenStream,
) -> syn::Result<TokenStream> {
    mistakes.none()?;
    match meant {
        Some(meant) => Ok(expand(&meant, &crate_path()?)),
        None => Ok(TokenStream::new()),
    }
}
