//! What was written to what is meant.

use syn::{Data, DeriveInput, Index, Member, Type, spanned::Spanned as _};

use crate::shared::Mistakes;

/// One field of the handler type.
pub(super) struct Field<'a> {
    pub(super) member: Member,
    pub(super) ty: &'a Type,
}

/// The fields of a struct; none after a mistake.
pub(super) fn check<'a>(item: &'a DeriveInput, mistakes: &mut Mistakes) -> Vec<Field<'a>> {
    for lifetime in item.generics.lifetimes() {
        mistakes.add(lifetime, "a handler type lives as long as its node, so it can't borrow: own the data instead");
    }
    let data = match &item.data {
        Data::Struct(data) => data,
        Data::Enum(data) => {
            mistakes.add(data.enum_token, "a handler type is a struct: its fields are what it asks for");
            return Vec::new();
        }
        Data::Union(data) => {
            mistakes.add(data.union_token, "a handler type is a struct: its fields are what it asks for");
            return Vec::new();
        }
    };
    let field = |(place, field): (usize, &'a syn::Field)| {
        let member = match &field.ident {
            Some(name) => Member::Named(name.clone()),
            None => Member::Unnamed(Index { index: place as u32, span: field.ty.span() }),
        };
        Field { member, ty: &field.ty }
    };
    data.fields.iter().enumerate().map(field).collect()
}
