//! What is meant to code.

use proc_macro2::TokenStream;
use quote::quote;

use super::check::{Kind, Meant};

/// `impl Message`, and `impl Request` or `impl Event`.
pub(super) fn expand(meant: &Meant<'_>, core: &TokenStream) -> TokenStream {
    let Meant { ident, name, kind } = meant;
    let private = quote!(#core::__private);
    let (kind, response, is) = match kind {
        Kind::Command { response } => (quote!(Command), quote!(#response), quote!(Request)),
        Kind::Query { response } => (quote!(Query), quote!(#response), quote!(Request)),
        Kind::Event => (quote!(Event), quote!(()), quote!(Event)),
    };
    quote! {
        #[automatically_derived]
        impl #private::Message for #ident {
            type Response = #response;
            const NAME: &'static str = #name;
            const KIND: #private::Kind = #private::Kind::#kind;
            #[inline]
            fn index() -> &'static #private::MessageIndex {
                static INDEX: #private::MessageIndex = #private::MessageIndex::new();
                &INDEX
            }
        }
        #[automatically_derived]
        impl #private::#is for #ident {}
    }
}
