use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Type, spanned::Spanned as _};

use super::super::check::Function;
use super::Names;
use super::registration::{again, constant, lints, registration};

/// A hidden constant beside the function. What the function needs to be a handler is in the constant's block, so that nothing else is
/// named.
pub(in super::super) fn function(meant: &Function<'_>, core: &TokenStream) -> TokenStream {
    let Function { described, conditions, visibility, ident, message: message_type, .. } = meant;
    let names = Names::new(core, message_type);
    let arguments = arguments(meant, &names);
    let (fields, types) =
        (arguments.iter().map(|argument| &argument.field), arguments.iter().map(|argument| argument.ty));
    let (constant, lints) = (constant(ident), lints());
    let resolve = resolve(&arguments, &names);
    let handle = names.handle(&run(meant, &arguments, &names), ident.span());
    let again = meant.owns.then(|| {
        let asked = arguments.iter().map(|argument| &argument.asked);
        again(&quote!(false #(|| #asked::RUNS_AGAIN)*), &names)
    });
    let (response, registration) = (names.response(), registration(described, &names));
    let bound = Ident::new("__Bound", ident.span());
    let (handler, Names { private, message }) = (names.handler(), &names);
    quote! {
        #(#conditions)*
        #[doc(hidden)]
        #lints
        #visibility const #constant: &#private::Registration = {
            use #private::{OrOnce as _, OrProvided as _};
            type #message = #message_type;
            struct __Bound { #(#fields: #private::Held<#types>),* }
            #[automatically_derived]
            impl #handler for #bound {
                type Response = #response;
                #resolve
                #handle
            }
            #again
            #registration
            &__REGISTRATION
        };
    }
}

/// One that the function asks for.
struct Argument<'a> {
    field: Ident,
    ty: &'a Type,
    /// The question about its type, at its place.
    asked: TokenStream,
}

fn arguments<'a>(meant: &Function<'a>, names: &Names) -> Vec<Argument<'a>> {
    let argument = |(place, &ty): (usize, &&'a Type)| {
        let private = names.private_at(ty.span());
        let asked = quote_spanned!(ty.span()=> #private::Argument::<#ty>);
        Argument { field: format_ident!("argument_{place}"), ty, asked }
    };
    meant.arguments.iter().enumerate().map(argument).collect()
}

/// All of them are resolved before any `?`, so that all that is missing is told at once.
fn resolve(arguments: &[Argument<'_>], names: &Names) -> TokenStream {
    let private = &names.private;
    let resolver = quote!(resolver);
    let fields: Vec<_> = arguments.iter().map(|argument| &argument.field).collect();
    let resolved =
        arguments.iter().map(|Argument { ty, asked, .. }| quote_spanned!(ty.span()=> #asked::NEW.resolve(#resolver)));
    quote! {
        fn resolve(#resolver: &mut #private::Resolver<'_>) -> ::core::option::Option<Self> {
            #(let #fields = #resolved;)*
            let _ = #resolver;
            ::core::option::Option::Some(Self { #(#fields: #fields?),* })
        }
    }
}

/// The future of one run.
fn run(meant: &Function<'_>, arguments: &[Argument<'_>], names: &Names) -> TokenStream {
    let Function { ident, owns, output, .. } = meant;
    let Names { private, message } = names;
    let (fields, asked) =
        (arguments.iter().map(|argument| &argument.field), arguments.iter().map(|argument| &argument.asked));
    let arguments = quote!(#(#asked::NEW.get(&self.#fields, cx)),*);
    let outcome = {
        let (private, response) = (names.private_at(output.span()), names.response());
        quote_spanned!(output.span()=> <#output as #private::Outcome<#response>>::into_result)
    };
    if *owns {
        let call = quote!(#ident(#private::Own::<#message>::NEW.own(message)?, #arguments));
        let start = quote!(move |message| ::core::result::Result::Ok(#call));
        // A closure, since a mistake would otherwise be one of each type that the function's is part of.
        quote!(#private::Run::new(message, #start, |outcome| #outcome(outcome)))
    } else {
        let call = quote!(#ident(::core::convert::AsRef::as_ref(&message), #arguments).await);
        quote_spanned!(ident.span()=> async move { #outcome(#call) })
    }
}
