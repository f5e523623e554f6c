//! What was written to what is meant.

use proc_macro2::TokenStream;
use syn::{Generics, Ident, LitStr, Member, ext::IdentExt};

use super::parse::{CodeName, Field, Item, Options, Shape};
use crate::shared::{
    Mistakes,
    options::{Slot, unknown},
};

/// The variants of `catga_core::Code`; a test of core holds the two together.
const CODES: &[&str] = &[
    "Validation",
    "NotFound",
    "Conflict",
    "KeyReused",
    "Unauthorized",
    "Forbidden",
    "RateLimited",
    "Timeout",
    "OutcomeUnknown",
    "Cancelled",
    "Unavailable",
    "NoHandler",
    "Codec",
    "SchemaMismatch",
    "TooLarge",
    "OutboxFull",
    "Internal",
];

/// An error type, and what becomes of each of its shapes.
pub(super) struct Meant<'a> {
    pub(super) ident: &'a Ident,
    pub(super) generics: &'a Generics,
    pub(super) arms: Vec<Arm<'a>>,
}

/// What becomes of one shape.
pub(super) enum Arm<'a> {
    /// The error in its only field, as it is.
    Inner { path: &'a TokenStream, member: &'a Member },
    /// An error that stands in its place.
    Wrapped { path: &'a TokenStream, code: &'a Ident, can_retry: Option<bool>, details: Vec<Detail<'a>> },
}

/// A field that becomes a detail.
pub(super) struct Detail<'a> {
    pub(super) member: &'a Member,
    pub(super) key: LitStr,
}

/// Finds out what is meant; what was a mistake is missing from it.
pub(super) fn check<'a>(item: &'a Item<'a>, mistakes: &mut Mistakes) -> Meant<'a> {
    if let Some(lifetime) = item.generics.lifetimes().next() {
        mistakes.add(lifetime, "an error outlives its handler: it can't borrow; own the data instead");
    }
    if let Some(keyword) = item.for_all.transparent.keyword() {
        mistakes.add(keyword, "write `transparent` on the variant that wraps another error");
    }
    check_code(&item.for_all, mistakes);
    can_retry(&item.for_all, mistakes);
    let arms = item.shapes.iter().filter_map(|shape| arm(shape, &item.for_all, mistakes)).collect();
    Meant { ident: item.ident, generics: item.generics, arms }
}

fn arm<'a>(shape: &'a Shape<'a>, for_all: &'a Options, mistakes: &mut Mistakes) -> Option<Arm<'a>> {
    check_code(&shape.options, mistakes);
    if shape.options.transparent.is_set() {
        return inner(shape, mistakes);
    }
    let can_retry = can_retry(&shape.options, mistakes).or_else(|| said_of_retry(for_all));
    let details = details(&shape.fields, mistakes);
    let code = shape.options.code.get().or(for_all.code.get());
    // One that was written and misspelt has been reported.
    if code.is_none() && shape.options.code.keyword().is_none() && for_all.code.keyword().is_none() {
        let message = format!("say which code `{}` has: `#[catga(code = …)]`", shape.ident);
        mistakes.add(shape.ident, message);
    }
    Some(Arm::Wrapped { path: &shape.path, code: &code?.0, can_retry, details })
}

fn inner<'a>(shape: &'a Shape<'a>, mistakes: &mut Mistakes) -> Option<Arm<'a>> {
    let Options { code, retry, no_retry, transparent: _ } = &shape.options;
    for keyword in [code.keyword(), retry.keyword(), no_retry.keyword()].into_iter().flatten() {
        mistakes.add(keyword, format!("`{keyword}` doesn't go with `transparent`: the inner error has its own"));
    }
    for keyword in shape.fields.iter().filter_map(|field| field.detail.keyword()) {
        mistakes.add(keyword, "`detail` doesn't go with `transparent`: the inner error has its own");
    }
    let [field] = shape.fields.as_slice() else {
        let message = format!("`transparent` needs exactly one field; `{}` has {}", shape.ident, shape.fields.len());
        mistakes.add(shape.ident, message);
        return None;
    };
    Some(Arm::Inner { path: &shape.path, member: &field.member })
}

fn check_code(options: &Options, mistakes: &mut Mistakes) {
    if let Some(CodeName(code)) = options.code.get()
        && !CODES.iter().any(|known| code == known)
    {
        mistakes.add_error(unknown("code", code, CODES));
    }
}

fn can_retry(options: &Options, mistakes: &mut Mistakes) -> Option<bool> {
    if let (true, Some(keyword)) = (options.retry.is_set(), options.no_retry.keyword()) {
        mistakes.add(keyword, "`retry` and `no_retry` contradict each other: keep one");
    }
    said_of_retry(options)
}

fn said_of_retry(options: &Options) -> Option<bool> {
    let yes = options.retry.is_set().then_some(true);
    yes.or(options.no_retry.is_set().then_some(false))
}

fn details<'a>(fields: &'a [Field], mistakes: &mut Mistakes) -> Vec<Detail<'a>> {
    let mut details: Vec<Detail<'_>> = Vec::new();
    for field in fields {
        let Some(keyword) = field.detail.keyword() else { continue };
        let key = match (field.detail.get(), &field.member) {
            (Some(key), _) => key.clone(),
            (None, Member::Named(name)) => LitStr::new(&name.unraw().to_string(), name.span()),
            (None, Member::Unnamed(_)) => {
                mistakes.add(keyword, "this field has no name; give the detail one: `detail = \"…\"`");
                continue;
            }
        };
        if details.iter().any(|other| other.key.value() == key.value()) {
            mistakes.add(&key, format!("another field is the detail `{}` already", key.value()));
        }
        details.push(Detail { member: &field.member, key });
    }
    details
}
