use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::super::check::Implementation;
use super::Names;
use super::registration::{again, lints, registration};

/// An adapter beside the implementation, and the word of which registration the type stands for.
pub(in super::super) fn implementation(meant: &Implementation<'_>, core: &TokenStream) -> TokenStream {
    let Implementation { described, conditions, of, ty, message: message_type } = meant;
    let names = Names::new(core, message_type);
    let Names { private, message } = &names;
    let handler_type = Ident::new("__Handler", ty.span());
    let from_node = {
        let private = names.private_at(ty.span());
        quote_spanned!(ty.span()=> <#handler_type as #private::FromNode>)
    };
    let method = quote_spanned!(of.span()=> <#handler_type as #of>::handle);
    let own = quote!(#private::Own::<#message>::NEW.own(message)?);
    let start = quote!(move |message| ::core::result::Result::Ok(#method(&self.0, #own, cx)));
    let outcome = quote_spanned!(of.span()=> |outcome| outcome);
    let handle = names.handle(&quote!(#private::Run::new(message, #start, #outcome)), of.span());
    let (lints, handler) = (lints(), names.handler());
    let again = again(&quote!(#from_node::RUNS_AGAIN), &names);
    let response = names.response();
    let registration = registration(described, &names);
    quote! {
        #(#conditions)*
        #lints
        const _: () = {
            use #private::OrOnce as _;
            type #message = #message_type;
            type #handler_type = #ty;
            struct __Bound(__Handler);
            #[automatically_derived]
            impl #handler for __Bound {
                type Response = #response;
                fn resolve(resolver: &mut #private::Resolver<'_>) -> ::core::option::Option<Self> {
                    ::core::option::Option::map(#from_node::from_node(resolver), Self)
                }
                #handle
            }
            #[automatically_derived]
            impl #private::Registered<#message> for __Handler {
                const REGISTRATION: &'static #private::Registration = &__REGISTRATION;
            }
            #again
            #registration
        };
    }
}
