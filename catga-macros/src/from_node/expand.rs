//! What is meant to code.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{DeriveInput, parse_quote};

use super::check::Field;

/// `impl FromNode`: all fields are resolved before any is asked whether it was found, so that all that is missing is told at once.
pub(super) fn expand(item: &DeriveInput, fields: &[Field<'_>], core: &TokenStream) -> TokenStream {
    let ident = &item.ident;
    let private = quote!(#core::__private);
    let members = fields.iter().map(|field| &field.member);
    let types: Vec<_> = fields.iter().map(|field| field.ty).collect();
    let names: Vec<Ident> =
        (0..fields.len()).map(|place| format_ident!("field_{place}", span = Span::mixed_site())).collect();
    let resolver = Ident::new(if fields.is_empty() { "_" } else { "resolver" }, Span::mixed_site());
    let mut generics = item.generics.clone();
    if !generics.params.is_empty() {
        let conditions = generics.make_where_clause();
        conditions
            .predicates
            .extend(types.iter().map(|ty| -> syn::WherePredicate { parse_quote!(#ty: #private::FromNode) }));
    }
    let (parameters, arguments, conditions) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #parameters #private::FromNode for #ident #arguments #conditions {
            const RUNS_AGAIN: bool = false #(|| <#types as #private::FromNode>::RUNS_AGAIN)*;
            fn from_node(#resolver: &mut #private::Resolver<'_>) -> ::core::option::Option<Self> {
                #(let #names = <#types as #private::FromNode>::from_node(#resolver);)*
                ::core::option::Option::Some(Self { #(#members: #names?),* })
            }
        }
    }
}
