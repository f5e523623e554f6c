//! What is meant to code.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Generics, Member, spanned::Spanned};

use super::check::{Arm, Detail, Meant};

/// `impl From<TheirError> for Error`.
pub(super) fn expand(meant: &Meant<'_>, core: &TokenStream) -> TokenStream {
    let Meant { ident, generics, arms } = meant;
    let (parameters, arguments, _) = generics.split_for_impl();
    let own_bounds = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let bound = bound(ident, generics);
    let original = Ident::new("original", Span::mixed_site());
    let arms = arms.iter().map(|arm| expand_arm(arm, &original, core));
    quote! {
        #[automatically_derived]
        impl #parameters ::core::convert::From<#ident #arguments> for #core::__private::Error
        where
            #(#own_bounds,)*
            #bound
        {
            fn from(#original: #ident #arguments) -> Self {
                match #original {
                    #(#arms)*
                }
            }
        }
    }
}

fn expand_arm(arm: &Arm<'_>, original: &Ident, core: &TokenStream) -> TokenStream {
    match arm {
        Arm::Inner { path, member } => {
            let inner = Ident::new("inner", at(member));
            let convert = quote_spanned!(inner.span()=> #core::__private::Transparent::into_error(#inner));
            quote!(#path { #member: #inner, .. } => #convert,)
        }
        Arm::Wrapped { path, code, can_retry, details } => {
            let members = details.iter().map(|detail| detail.member);
            let keys = details.iter().map(|detail| &detail.key);
            let names: Vec<_> = details.iter().enumerate().map(|(place, detail)| name(detail, place)).collect();
            let texts = names.iter().map(text);
            let retry = can_retry.map(|can_retry| quote!(.retryable(#can_retry)));
            quote! {
                #path { #(#members: ref #names,)* .. } => {
                    // As text first, since wrapping takes the original.
                    #(let #names = #texts;)*
                    #core::__private::Error::wrap(#core::__private::Code::#code, #original)
                        #retry
                        #(.with_detail(#keys, #names))*
                }
            }
        }
    }
}

/// The variable that a detail's field is bound to.
fn name(detail: &Detail<'_>, place: usize) -> Ident {
    format_ident!("detail_{place}", span = at(detail.member))
}

/// The detail as text; a field that can't be one is a mistake at the field.
fn text(name: &Ident) -> TokenStream {
    quote_spanned!(name.span()=> ::std::string::ToString::to_string(#name))
}

/// The field's place, for what rustc may have to say of it, with names that the caller can't see.
fn at(member: &Member) -> Span {
    Span::mixed_site().located_at(member.span())
}

/// What rustc checks of the type, so that it points at the type's name.
fn bound(ident: &Ident, generics: &Generics) -> TokenStream {
    let (_, arguments, _) = generics.split_for_impl();
    quote_spanned!(ident.span()=> #ident #arguments: ::std::error::Error + ::core::marker::Send + ::core::marker::Sync + 'static)
}
