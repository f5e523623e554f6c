//! From what is written to what serde will encode.

use syn::{Data, DataEnum, DataStruct, DeriveInput, Fields, ext::IdentExt as _};

use super::{
    parse::{Attributes, Encoded, Serde, type_text},
    rename::Rule,
};
use crate::shared::Mistakes;

/// What to describe.
pub(super) struct Definition {
    pub(super) name: String,
    pub(super) shape: Shape,
    pub(super) hazards: Vec<Hazard>,
}

/// A serde attribute that a positional codec can't carry.
pub(super) struct Hazard {
    /// The field or the variant; empty for the type itself.
    pub(super) at: String,
    pub(super) attribute: &'static str,
}

pub(super) enum Shape {
    Struct(Content),
    Enum(Tagging, Vec<Variant>),
}

pub(super) enum Content {
    Unit,
    Newtype(Encoded),
    Tuple(Vec<Encoded>),
    Named(Vec<Field>),
}

pub(super) struct Field {
    pub(super) name: String,
    pub(super) encoded: Encoded,
    pub(super) has_default: bool,
    pub(super) flattened: bool,
}

pub(super) struct Variant {
    pub(super) name: String,
    pub(super) content: Content,
}

pub(super) enum Tagging {
    External,
    Internal(String),
    Adjacent { tag: String, content: String },
    Untagged,
}

/// What an item is encoded as; nothing if a mistake prevents an answer.
pub(super) fn check(item: &DeriveInput, mistakes: &mut Mistakes) -> Option<Definition> {
    for lifetime in item.generics.lifetimes() {
        mistakes.add(lifetime, "what travels owns what it holds: use an owned type, such as `String`");
    }
    let Attributes { encoded, serde } = Attributes::read(&item.attrs, mistakes);
    let encoded = match encoded {
        Some(encoded) => Some(encoded),
        None => converted(&serde, mistakes)?,
    };
    let mut checker = Checker { mistakes, hazards: Vec::new() };
    // Also what is encoded as something else is a definition of its own, since that may contain it.
    let shape = match (encoded, &item.data) {
        (Some(encoded), _) => Shape::Struct(Content::Newtype(encoded)),
        (None, Data::Struct(data)) if serde.has("transparent") => {
            Shape::Struct(Content::Newtype(checker.transparent(data)?))
        }
        (None, Data::Struct(data)) => checker.structure(data, &serde),
        (None, Data::Enum(data)) => checker.enumeration(data, &serde),
        (None, Data::Union(data)) => {
            checker.mistakes.add(data.union_token, "a union can't be encoded: write a struct or an enum");
            return None;
        }
    };
    let hazards = checker.hazards;
    let name = serde.text_of_both_directions("rename", mistakes).unwrap_or_else(|| item.ident.unraw().to_string());
    Some(Definition { name, shape, hazards })
}

/// The type that serde converts this one into and from, if it does so; nothing after a mistake.
fn converted(serde: &Serde, mistakes: &mut Mistakes) -> Option<Option<Encoded>> {
    if let Some(remote) = serde.get("remote") {
        mistakes.add(
            remote,
            "a remote definition is no type of its own: write `#[schema(as = …)]` on the fields that use it",
        );
        return None;
    }
    let from = serde.get("from").or(serde.get("try_from"));
    let Some(written) = serde.get("into").or(from) else { return Some(None) };
    let (into, from) = (serde.text("into"), serde.text("from").or(serde.text("try_from")));
    let same = into.filter(|into| from.as_ref() == Some(into)).and_then(|text| syn::parse_str(&text).ok());
    if same.is_none() {
        mistakes.add(
            written,
            "it isn't converted into and from one type: say what it is encoded as, with `#[schema(as = …)]` on the type",
        );
    }
    same.map(|ty| Some(Encoded::As(Box::new(ty))))
}

struct Checker<'a> {
    mistakes: &'a mut Mistakes,
    hazards: Vec<Hazard>,
}

impl Checker<'_> {
    fn structure(&mut self, data: &DataStruct, serde: &Serde) -> Shape {
        let all_have_defaults = serde.has("default");
        let rule = serde.rule("rename_all", self.mistakes);
        let mut content = self.content(&data.fields, rule, "", all_have_defaults);
        if let Some(tag) = serde.text("tag") {
            self.hazard("", "tag");
            let encoded = Encoded::Opaque("the struct's name".to_owned());
            if let Content::Named(fields) = &mut content {
                fields.insert(0, Field { name: tag, encoded, has_default: true, flattened: false });
            }
        }
        Shape::Struct(content)
    }

    fn transparent(&mut self, data: &DataStruct) -> Option<Encoded> {
        let mut encoded = data.fields.iter().filter_map(|field| self.field_encoding(field, ""));
        let only = encoded.next().filter(|_| encoded.next().is_none());
        if only.is_none() {
            self.mistakes.add(&data.fields, "a transparent struct has one field that is encoded: skip the others");
        }
        only
    }

    fn enumeration(&mut self, data: &DataEnum, serde: &Serde) -> Shape {
        let tagging = match (serde.text("tag"), serde.text("content")) {
            _ if serde.has("untagged") => {
                self.hazard("", "untagged");
                Tagging::Untagged
            }
            (Some(tag), content) => {
                self.hazard("", "tag");
                match content {
                    Some(content) => Tagging::Adjacent { tag, content },
                    None => Tagging::Internal(tag),
                }
            }
            _ => Tagging::External,
        };
        let variant_rule = serde.rule("rename_all", self.mistakes);
        let field_rule = serde.rule("rename_all_fields", self.mistakes);
        let mut variants = Vec::new();
        let mut skipped = None;
        for variant in &data.variants {
            let attributes = Attributes::read(&variant.attrs, self.mistakes);
            let own_name = variant.ident.unraw().to_string();
            if attributes.serde.has("skip") || attributes.serde.has("skip_deserializing") {
                skipped.get_or_insert(own_name);
                continue;
            }
            let name = attributes.serde.text_of_both_directions("rename", self.mistakes);
            let name = name.unwrap_or_else(|| variant_rule.of_variant(&own_name));
            if attributes.serde.has("untagged") {
                self.hazard(&name, "untagged");
            }
            // Serde counts skipped variants when it encodes and not when it decodes.
            if let Some(skipped) = skipped.take() {
                self.hazard(&skipped, "skip");
            }
            let content = self.variant_content(variant, attributes, field_rule, &name);
            variants.push(Variant { name, content });
        }
        Shape::Enum(tagging, variants)
    }

    fn variant_content(&mut self, variant: &syn::Variant, attributes: Attributes, rule: Rule, name: &str) -> Content {
        if let Some(encoded) = attributes.encoded {
            return Content::Newtype(encoded);
        }
        if let Some(way) = self.written_by_hand(&attributes.serde, name) {
            return Content::Newtype(Encoded::Opaque(way));
        }
        let rule = match attributes.serde.rule("rename_all", self.mistakes) {
            Rule::Keep => rule,
            own => own,
        };
        self.content(&variant.fields, rule, name, false)
    }

    fn content(&mut self, fields: &Fields, rule: Rule, within: &str, all_have_defaults: bool) -> Content {
        match fields {
            Fields::Unit => Content::Unit,
            Fields::Named(named) => Content::Named(
                named
                    .named
                    .iter()
                    .filter_map(|field| self.named_field(field, rule, within, all_have_defaults))
                    .collect(),
            ),
            Fields::Unnamed(unnamed) => {
                let count = unnamed.unnamed.len();
                let places = unnamed.unnamed.iter().enumerate();
                let mut encoded: Vec<_> = places
                    .filter_map(|(place, field)| self.field_encoding(field, &path(within, &place.to_string())))
                    .collect();
                match encoded.pop() {
                    Some(only) if count == 1 => Content::Newtype(only),
                    last => Content::Tuple(encoded.into_iter().chain(last).collect()),
                }
            }
        }
    }

    fn named_field(&mut self, field: &syn::Field, rule: Rule, within: &str, has_default: bool) -> Option<Field> {
        let own_name = field.ident.as_ref()?.unraw().to_string();
        let attributes = Attributes::read(&field.attrs, self.mistakes);
        let serde = &attributes.serde;
        let name = serde.text_of_both_directions("rename", self.mistakes).unwrap_or_else(|| rule.of_field(&own_name));
        let (has_default, flattened) =
            (has_default || serde.has("default") || serde.has("skip_serializing"), serde.has("flatten"));
        let encoded = self.encoding(field, attributes, &path(within, &name))?;
        Some(Field { name, encoded, has_default, flattened })
    }

    /// What a field without a name is encoded as; nothing if it is skipped.
    fn field_encoding(&mut self, field: &syn::Field, at: &str) -> Option<Encoded> {
        let attributes = Attributes::read(&field.attrs, self.mistakes);
        self.encoding(field, attributes, at)
    }

    /// What a field with these attributes is encoded as; nothing if it is skipped.
    fn encoding(&mut self, field: &syn::Field, attributes: Attributes, at: &str) -> Option<Encoded> {
        let Attributes { encoded, serde } = attributes;
        if serde.has("skip") || serde.has("skip_serializing") && serde.has("skip_deserializing") {
            return None;
        }
        for attribute in ["flatten", "skip_serializing_if", "skip_serializing", "skip_deserializing"] {
            if serde.has(attribute) {
                self.hazard(at, attribute);
            }
        }
        let by_hand = self.written_by_hand(&serde, at);
        Some(encoded.unwrap_or_else(|| match by_hand {
            Some(way) => Encoded::Opaque(format!("{way}: {}", type_text(&field.ty))),
            None => Encoded::As(Box::new(field.ty.clone())),
        }))
    }

    /// The name of an encoding by `with` and its like, if there is one.
    fn written_by_hand(&mut self, serde: &Serde, at: &str) -> Option<String> {
        if let Some(with) = serde.text("with") {
            return Some(format!("with {with}"));
        }
        match (serde.text("serialize_with"), serde.text("deserialize_with")) {
            (Some(one), Some(other)) => Some(format!("with {one} and {other}")),
            (Some(one), None) => {
                self.hazard(at, "serialize_with");
                Some(format!("with {one}"))
            }
            (None, Some(other)) => {
                self.hazard(at, "deserialize_with");
                Some(format!("with {other}"))
            }
            (None, None) => None,
        }
    }

    fn hazard(&mut self, at: &str, attribute: &'static str) {
        self.hazards.push(Hazard { at: at.to_owned(), attribute });
    }
}

fn path(within: &str, name: &str) -> String {
    if within.is_empty() { name.to_owned() } else { format!("{within}.{name}") }
}
