//! Tokens to what was written.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{
    Attribute, Data, DeriveInput, Expr, Fields, Generics, Ident, Index, LitStr, Member,
    parse::{Parse, ParseStream},
    spanned::Spanned,
};

use crate::shared::{Flag, Mistakes, Value, options};

/// The whole item.
pub(super) struct Item<'a> {
    pub(super) ident: &'a Ident,
    pub(super) generics: &'a Generics,
    /// An enum's options hold for each variant that says nothing else; a struct has them on its only shape.
    pub(super) for_all: Options,
    pub(super) shapes: Vec<Shape<'a>>,
}

/// A struct, or one variant of an enum.
pub(super) struct Shape<'a> {
    pub(super) ident: &'a Ident,
    /// Its path in a pattern.
    pub(super) path: TokenStream,
    pub(super) options: Options,
    pub(super) fields: Vec<Field>,
}

/// One field.
pub(super) struct Field {
    pub(super) member: Member,
    pub(super) detail: Value<LitStr>,
}

/// What can be said of a shape: `#[catga(code = …, retry, no_retry, transparent)]`.
pub(super) struct Options {
    pub(super) code: Value<CodeName>,
    pub(super) retry: Flag,
    pub(super) no_retry: Flag,
    pub(super) transparent: Flag,
}

/// A code's name.
pub(super) struct CodeName(pub(super) Ident);

impl Parse for CodeName {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        // An expression, so that what somebody would think of – a path, a string – is read to its end.
        let written: Expr = input.parse()?;
        let name = match &written {
            Expr::Path(path) => path.path.get_ident().cloned(),
            _ => None,
        };
        name.map(Self).ok_or_else(|| syn::Error::new_spanned(written, "write the code's name alone: `code = NotFound`"))
    }
}

/// Reads a derive's input.
pub(super) fn parse<'a>(input: &'a DeriveInput, mistakes: &mut Mistakes) -> Item<'a> {
    let ident = &input.ident;
    let of_item = Options::read(&input.attrs, mistakes);
    let (for_all, shapes) = match &input.data {
        Data::Struct(data) => {
            let fields = fields(&data.fields, mistakes);
            (Options::none(), vec![Shape { ident, path: quote!(#ident), options: of_item, fields }])
        }
        Data::Enum(data) => {
            let shape = |variant: &'a syn::Variant| {
                let name = &variant.ident;
                let options = Options::read(&variant.attrs, mistakes);
                Shape { ident: name, path: quote!(#ident::#name), options, fields: fields(&variant.fields, mistakes) }
            };
            (of_item, data.variants.iter().map(shape).collect())
        }
        Data::Union(data) => {
            mistakes.add(data.union_token, "an error is an enum or a struct");
            (of_item, Vec::new())
        }
    };
    Item { ident, generics: &input.generics, for_all, shapes }
}

impl Options {
    fn none() -> Self {
        Self {
            code: Value::named("code"),
            retry: Flag::named("retry"),
            no_retry: Flag::named("no_retry"),
            transparent: Flag::named("transparent"),
        }
    }

    fn read(attributes: &[Attribute], mistakes: &mut Mistakes) -> Self {
        let mut read = Self::none();
        let Self { code, retry, no_retry, transparent } = &mut read;
        options::read_attributes(attributes, "catga", &mut [code, retry, no_retry, transparent], mistakes);
        read
    }
}

fn fields(fields: &Fields, mistakes: &mut Mistakes) -> Vec<Field> {
    let field = |(place, field): (usize, &syn::Field)| {
        let mut detail = Value::or_alone("detail");
        options::read_attributes(&field.attrs, "catga", &mut [&mut detail], mistakes);
        let member = match &field.ident {
            Some(name) => Member::Named(name.clone()),
            None => Member::Unnamed(Index { index: place as u32, span: field.ty.span() }),
        };
        Field { member, detail }
    };
    fields.iter().enumerate().map(field).collect()
}
