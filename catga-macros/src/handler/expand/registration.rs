//! The parts that functions and implementations have in common.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;

use super::super::check::{Described, Subscription};
use super::Names;
use super::retry::retry;

/// The constant that stands for a handler function, beside it: what `handlers![…]` names.
pub(in super::super) fn constant(function: &Ident) -> Ident {
    format_ident!("__handler_attribute_of_{}", function.unraw(), span = function.span())
}

/// Silences lints in what nobody has written.
pub(super) fn lints() -> TokenStream {
    quote! {
        #[allow(
            clippy::all, clippy::pedantic, deprecated, non_upper_case_globals, unreachable_pub, unused_imports,
            reason = "these are about code that somebody writes"
        )]
    }
}

/// The static `__REGISTRATION` of the handler type `__Bound`, and its place among those that the linker gathers.
pub(super) fn registration(described: &Described, names: &Names) -> TokenStream {
    let Names { private, message } = names;
    let (policy, retry) = described.retry.as_ref().map(|said| retry(said, names)).unzip();
    let info = info(described, private, retry);
    let several = several(described, names);
    let of_an_event = described.subscription.map(|(_, option)| of_an_event(option, names));
    let new = {
        let private = names.private_at(message.span());
        quote_spanned!(message.span()=> #private::Registration::new::<#message, __Bound>(#info))
    };
    let linked = described.is_linked.then(|| {
        quote! {
            #[#private::linkme::distributed_slice(#private::HANDLERS)]
            #[linkme(crate = #private::linkme)]
            static __LINKED: &#private::Registration = &__REGISTRATION;
        }
    });
    quote! {
        #of_an_event
        #several
        #policy
        static __REGISTRATION: #private::Registration = #new;
        #linked
    }
}

/// That a message taken by value can be had again where the handler may run again: an error at the message's type.
pub(super) fn again(runs_again: &TokenStream, names: &Names) -> TokenStream {
    let (message, place) = (&names.message, names.message.span());
    let private = names.private_at(place);
    quote_spanned! {place=>
        const _: () = ::core::assert!(
            #private::Own::<#message>::AGAIN || !(#runs_again),
            "this handler asks for what others may change meanwhile, so it may run again: \
             take the message by `&`, or write `#[derive(Clone)]` on it"
        );
    }
}

/// Which deliveries reach a handler is said for events only: an error at the option.
fn of_an_event(option: Span, names: &Names) -> TokenStream {
    let private = names.private_at(option);
    quote_spanned!(option=> const _: () = #private::only_for_events::<__Message>();)
}

/// Several messages at a time are for requests, unless the handler runs once per service: an error at the option.
fn several(described: &Described, names: &Names) -> Option<TokenStream> {
    let (_, option) = described.concurrency.filter(|_| described.subscription.is_none())?;
    let private = names.private_at(option);
    Some(quote_spanned!(option=> const _: () = #private::only_several::<__Message>();))
}

fn info(described: &Described, private: &TokenStream, retry: Option<TokenStream>) -> TokenStream {
    let Described { name, was, role, subscription, concurrency, .. } = described;
    let was = (!was.is_empty()).then(|| quote!(.was(&[#(#was),*])));
    let role = role.as_ref().map(|role| quote!(.role(#role)));
    let subscription = subscription.map(|(subscription, _)| {
        let variant = match subscription {
            Subscription::Replay => quote!(Replay),
            Subscription::Resume => quote!(Resume),
            Subscription::OncePerService => quote!(OncePerService),
        };
        quote!(.subscription(#private::Subscription::#variant))
    });
    let concurrency = concurrency.map(|(messages, _)| quote!(.limited_to(#messages)));
    let new = quote!(#private::HandlerInfo::new(#name, ::core::file!(), ::core::line!()));
    quote!(#new #was #role #subscription #concurrency #retry)
}
