//! What was written to what is meant.

use syn::{DeriveInput, Ident, Type};

use super::parse::{Options, RequestOptions};
use crate::shared::{Mistakes, name, options::Slot as _};

/// A message.
pub(super) struct Meant<'a> {
    pub(super) ident: &'a Ident,
    pub(super) name: String,
    pub(super) kind: Kind<'a>,
}

pub(super) enum Kind<'a> {
    Command { response: &'a Type },
    Query { response: &'a Type },
    Event,
}

/// Finds out what is meant; what was a mistake is replaced by something harmless.
pub(super) fn check<'a>(item: &'a DeriveInput, options: &'a Options, mistakes: &mut Mistakes) -> Meant<'a> {
    if !item.generics.params.is_empty() {
        let message = "a message can't be generic, since its name on the wire must mean one type: \
                       write a type for each";
        mistakes.add(&item.generics.params, message);
    }
    let attribute = if options.request.is_some() { "request" } else { "event" };
    let option = format!("#[{attribute}(name = \"…\")]");
    let name = match (options.name.get(), options.name.keyword()) {
        // One that was written and misspelt has been reported.
        (None, Some(_)) => String::new(),
        (written, _) => name::written_or_own(written, &item.ident, &option, mistakes),
    };
    let kind = options.request.as_ref().map_or(Some(Kind::Event), |request| request_kind(item, request, mistakes));
    Meant { ident: &item.ident, name, kind: kind.unwrap_or(Kind::Event) }
}

fn request_kind<'a>(item: &DeriveInput, options: &'a RequestOptions, mistakes: &mut Mistakes) -> Option<Kind<'a>> {
    let Some(response) = options.response.get() else {
        if options.response.keyword().is_none() {
            let message = "say what it is answered with: `#[request(response = …)]`, or `response = ()` for nothing";
            mistakes.add(&item.ident, message);
        }
        return None;
    };
    Some(if options.query.is_set() { Kind::Query { response } } else { Kind::Command { response } })
}
