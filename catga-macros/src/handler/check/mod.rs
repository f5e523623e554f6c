//! What was written to what is meant.

mod described;
mod function;
mod implementation;
mod retry;

pub(super) use described::{Described, Subscription};
pub(super) use function::{Function, function};
pub(super) use implementation::{Implementation, implementation};
pub(super) use retry::{Plan, Retry};

use std::str::FromStr;

use syn::{Attribute, Generics, Lit};

use crate::shared::Mistakes;

/// The conditions under which the item is there, so that what is written beside it stands under the same.
fn conditions(attributes: &[Attribute]) -> Vec<&Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect()
}

fn refuse_generics(generics: &Generics, mistakes: &mut Mistakes) {
    if !generics.params.is_empty() {
        let message = "a handler can't be generic, since it is registered once, for one message: \
                       name the types, and leave lifetimes out";
        mistakes.add(&generics.params, message);
    }
    if let Some(clause) = &generics.where_clause
        && generics.params.is_empty()
    {
        mistakes.add(clause, "a handler has no parameters that conditions could be about: remove them");
    }
}

/// The number, if it is one without a sign, a point or a suffix, and fits.
fn whole_number<N: FromStr<Err: std::fmt::Display>>(written: &Lit) -> Option<N> {
    match written {
        Lit::Int(digits) if digits.suffix().is_empty() => digits.base10_parse().ok(),
        _ => None,
    }
}
