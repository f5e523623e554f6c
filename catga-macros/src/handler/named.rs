//! `handlers![create_order, orders::ship, Archive for ArchiveOrder]`: registrations by name.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    Path, Token, Type,
    parse::{Parse, ParseStream, Parser},
    punctuated::Punctuated,
};

use super::expand::constant;
use crate::shared::crate_path;

/// One handler, as it is named.
enum Named {
    /// By its function.
    Function(Path),
    /// By its type and its message.
    Type { ty: Box<Type>, message: Box<Type> },
}

impl Parse for Named {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ty: Type = input.parse()?;
        if input.parse::<Option<Token![for]>>()?.is_some() {
            return Ok(Self::Type { ty: Box::new(ty), message: Box::new(input.parse()?) });
        }
        match ty {
            Type::Path(path) if path.qself.is_none() => Ok(Self::Function(path.path)),
            other => Err(syn::Error::new_spanned(other, "write a handler function, or `Type for Message`")),
        }
    }
}

/// An array of registrations.
pub(crate) fn named(tokens: TokenStream) -> TokenStream {
    expansion(tokens).unwrap_or_else(syn::Error::into_compile_error)
}

fn expansion(tokens: TokenStream) -> syn::Result<TokenStream> {
    let named = Punctuated::<Named, Token![,]>::parse_terminated.parse2(tokens)?;
    let core = crate_path()?;
    let count = named.len();
    let registrations = named.into_iter().map(|named| registration(named, &core));
    Ok(quote!({
        const HANDLERS: [&#core::__private::Registration; #count] = [#(#registrations),*];
        HANDLERS
    }))
}

fn registration(named: Named, core: &TokenStream) -> TokenStream {
    match named {
        Named::Function(mut path) => {
            if let Some(last) = path.segments.last_mut() {
                last.ident = constant(&last.ident);
            }
            path.into_token_stream()
        }
        Named::Type { ty, message } => quote!(<#ty as #core::__private::Registered<#message>>::REGISTRATION),
    }
}
