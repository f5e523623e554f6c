//! What is meant to code.
//!
//! Where rustc may have something to say of what was written, the code carries the place of it: the message's type, an argument's, the
//! function's name. Variables come from one place, since they are the same only there.

mod function;
mod implementation;
mod registration;
mod retry;

pub(super) use function::function;
pub(super) use implementation::implementation;
pub(super) use registration::constant;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::{Type, spanned::Spanned as _};

/// What the code that is written speaks of.
struct Names {
    /// Core's hidden module.
    private: TokenStream,
    /// `__Message`, which the message is called, at the message's place.
    message: Ident,
}

impl Names {
    fn new(core: &TokenStream, message: &Type) -> Self {
        Self { private: quote!(#core::__private), message: Ident::new("__Message", message.span()) }
    }

    /// Core's hidden module, named at a place.
    fn private_at(&self, place: Span) -> TokenStream {
        let move_there = |mut token: TokenTree| {
            token.set_span(place);
            token
        };
        self.private.clone().into_iter().map(move_there).collect()
    }

    /// The trait that makes something a handler of the message.
    fn handler(&self) -> TokenStream {
        let (message, place) = (&self.message, self.message.span());
        let private = self.private_at(place);
        quote_spanned!(place=> #private::Handler<#message>)
    }

    /// What the message is answered with.
    fn response(&self) -> TokenStream {
        let (message, place) = (&self.message, self.message.span());
        let private = self.private_at(place);
        quote_spanned!(place=> <#message as #private::Message>::Response)
    }

    /// What runs a handler once, with `run` as its future, of which rustc speaks at `place`.
    fn handle(&self, run: &TokenStream, place: Span) -> TokenStream {
        let (message, private) = (&self.message, self.private_at(place));
        // The variables of `run`.
        let (this, given, cx) = (quote!(self), quote!(message), quote!(cx));
        quote_spanned! {place=>
            #[inline(always)]
            fn handle<'a>(
                &'a #this,
                #given: #private::Given<'a, #message>,
                #cx: &'a #private::Context,
            ) -> impl ::core::future::Future<Output = #private::Result<Self::Response>> + ::core::marker::Send + 'a {
                #run
            }
        }
    }
}
