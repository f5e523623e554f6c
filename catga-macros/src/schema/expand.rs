//! The implementation of `Schema`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{DeriveInput, Generics, parse_quote, spanned::Spanned as _};

use super::{
    check::{Content, Definition, Field, Shape, Tagging, Variant},
    parse::Encoded,
};

pub(super) fn expand(item: &DeriveInput, definition: &Definition, core: &TokenStream) -> TokenStream {
    let name = &item.ident;
    let private = quote!(#core::__private::schema);
    let generics = with_bounds(&item.generics, &private);
    let (parameters, arguments, conditions) = generics.split_for_impl();
    let description = define(definition, &private);
    let place = item.generics.params.is_empty().then(|| place(&private));
    quote! {
        const _: () = {
            #[automatically_derived]
            impl #parameters #private::Schema for #name #arguments #conditions {
                fn describe(describer: &mut #private::Describer) -> #private::Type {
                    #description
                }
                #place
            }
        };
    }
}

/// Each parameter has a schema as well.
fn with_bounds(generics: &Generics, private: &TokenStream) -> Generics {
    let mut generics = generics.clone();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(parse_quote!(#private::Schema));
    }
    generics
}

/// What is known of a type without parameters is kept in a static of its own.
fn place(private: &TokenStream) -> TokenStream {
    quote! {
        #[inline]
        fn place() -> #private::Option<&'static #private::OnceLock<#private::Facts>> {
            static PLACE: #private::OnceLock<#private::Facts> = #private::OnceLock::new();
            #private::Option::Some(&PLACE)
        }
    }
}

fn define(definition: &Definition, private: &TokenStream) -> TokenStream {
    let name = &definition.name;
    let hazards = definition.hazards.iter().map(|hazard| {
        let (at, attribute) = (&hazard.at, hazard.attribute);
        quote!((#at, #attribute))
    });
    let shape = match &definition.shape {
        Shape::Struct(content) => {
            let content = expand_content(content, private);
            quote!(#private::Shape::Struct(#content))
        }
        Shape::Enum(tagging, variants) => {
            let tagging = expand_tagging(tagging, private);
            let variants = variants.iter().map(|variant| expand_variant(variant, private));
            quote!(#private::Shape::Enum(#tagging, #private::Vec::from([#(#variants),*])))
        }
    };
    quote! {
        describer.define_with::<Self>(#name, &[#(#hazards),*], |describer| {
            // What has no fields asks for nothing more.
            let _ = &describer;
            #shape
        })
    }
}

fn expand_content(content: &Content, private: &TokenStream) -> TokenStream {
    match content {
        Content::Unit => quote!(#private::Content::Unit),
        Content::Newtype(inner) => {
            let inner = encoded(inner, private);
            quote!(#private::Content::Newtype(#inner))
        }
        Content::Tuple(elements) => {
            let elements = elements.iter().map(|element| encoded(element, private));
            quote!(#private::Content::Tuple(#private::Vec::from([#(#elements),*])))
        }
        Content::Named(fields) => {
            let fields = fields.iter().map(|field| expand_field(field, private));
            quote!(#private::Content::Named(#private::Vec::from([#(#fields),*])))
        }
    }
}

fn expand_field(field: &Field, private: &TokenStream) -> TokenStream {
    let Field { name, encoded: what, has_default, flattened } = field;
    let ty = encoded(what, private);
    quote!(#private::field(#name, #ty, #has_default, #flattened))
}

fn expand_variant(variant: &Variant, private: &TokenStream) -> TokenStream {
    let name = &variant.name;
    let content = expand_content(&variant.content, private);
    quote!(#private::Variant { name: #private::String::from(#name), content: #content })
}

fn expand_tagging(tagging: &Tagging, private: &TokenStream) -> TokenStream {
    match tagging {
        Tagging::External => quote!(#private::Tagging::External),
        Tagging::Internal(tag) => quote!(#private::Tagging::Internal(#private::String::from(#tag))),
        Tagging::Adjacent { tag, content } => quote! {
            #private::Tagging::Adjacent { tag: #private::String::from(#tag), content: #private::String::from(#content) }
        },
        Tagging::Untagged => quote!(#private::Tagging::Untagged),
    }
}

fn encoded(what: &Encoded, private: &TokenStream) -> TokenStream {
    match what {
        Encoded::As(ty) => {
            // At the type's own place, so that one without a schema is what the compiler points at.
            let describe = quote_spanned!(ty.span()=> <#ty as #private::Schema>::describe);
            quote!(#describe(describer))
        }
        Encoded::Opaque(name) => quote!(#private::Type::opaque(#name)),
    }
}
