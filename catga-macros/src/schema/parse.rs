//! The attributes of an item, a field or a variant: what `#[schema(…)]` and `#[serde(…)]` say.

use quote::ToTokens as _;
use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Meta, MetaNameValue, Token, Type, punctuated::Punctuated};

use super::rename::Rule;
use crate::shared::{Mistakes, Value, options};

/// What a value is encoded as.
pub(super) enum Encoded {
    /// As this type is.
    As(Box<Type>),
    /// In a way that is known by this name.
    Opaque(String),
}

/// The attributes of one item, field or variant.
pub(super) struct Attributes {
    /// What `#[schema(…)]` says.
    pub(super) encoded: Option<Encoded>,
    /// What `#[serde(…)]` says.
    pub(super) serde: Serde,
}

impl Attributes {
    pub(super) fn read(attributes: &[Attribute], mistakes: &mut Mistakes) -> Self {
        Self { encoded: read_schema(attributes, mistakes), serde: Serde::read(attributes) }
    }
}

fn read_schema(attributes: &[Attribute], mistakes: &mut Mistakes) -> Option<Encoded> {
    let (mut alike, mut opaque) = (Value::<Type>::named("as"), Value::<LitStr>::named("opaque"));
    options::read_attributes(attributes, "schema", &mut [&mut alike, &mut opaque], mistakes);
    match (alike.get(), opaque.get()) {
        (Some(_), Some(name)) => {
            mistakes.add(name, "`as` and `opaque` both say what it is encoded as: keep one");
            None
        }
        (Some(ty), None) => Some(Encoded::As(Box::new(ty.clone()))),
        (None, Some(name)) if name.value().trim().is_empty() => {
            mistakes.add(name, "a blank name tells nothing apart: name the encoding, such as `opaque = \"iban\"`");
            None
        }
        (None, Some(name)) => Some(Encoded::Opaque(name.value())),
        (None, None) => None,
    }
}

/// The options in serde's attributes. What serde itself would refuse is passed over: serde says so.
pub(super) struct Serde(Vec<Meta>);

impl Serde {
    fn read(attributes: &[Attribute]) -> Self {
        let lists = attributes.iter().filter(|attribute| attribute.path().is_ident("serde"));
        let parsed =
            lists.filter_map(|list| list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok());
        Self(parsed.flatten().collect())
    }

    /// The option of this name, if it is written.
    pub(super) fn get(&self, name: &str) -> Option<&Meta> {
        self.0.iter().find(|meta| meta.path().is_ident(name))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The text of `name = "text"`.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        literal(self.get(name)?).map(LitStr::value)
    }

    /// The text of an option that may also be written apart for the two directions, as in `rename(serialize = "a", deserialize = "b")`.
    pub(super) fn text_of_both_directions(&self, name: &str, mistakes: &mut Mistakes) -> Option<String> {
        let Meta::List(list) = self.get(name)? else { return self.text(name) };
        let directions = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
        let of = |direction: &str| directions.iter().find(|meta| meta.path().is_ident(direction)).and_then(literal);
        match (of("serialize"), of("deserialize")) {
            (Some(one), Some(other)) if one.value() == other.value() => Some(one.value()),
            _ => {
                mistakes.add(list, format!("both sides must use one name: write `{name} = \"…\"`"));
                None
            }
        }
    }

    pub(super) fn rule(&self, name: &str, mistakes: &mut Mistakes) -> Rule {
        // Serde refuses rules that it doesn't know.
        self.text_of_both_directions(name, mistakes).and_then(|text| Rule::named(&text)).unwrap_or(Rule::Keep)
    }
}

fn literal(meta: &Meta) -> Option<&LitStr> {
    match meta {
        Meta::NameValue(MetaNameValue { value: Expr::Lit(ExprLit { lit: Lit::Str(text), .. }), .. }) => Some(text),
        _ => None,
    }
}

/// A type as text without spaces, which depend on the compiler.
pub(super) fn type_text(ty: &Type) -> String {
    ty.to_token_stream().to_string().split_whitespace().collect()
}
