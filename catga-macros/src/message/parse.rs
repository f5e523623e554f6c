//! Tokens to what was written.

use syn::{DeriveInput, LitStr, Type};

use crate::shared::{Flag, Mistakes, Value, options};

/// What is written in `#[request(…)]` or `#[event(…)]`.
pub(super) struct Options {
    pub(super) name: Value<LitStr>,
    /// What only a request has.
    pub(super) request: Option<RequestOptions>,
}

pub(super) struct RequestOptions {
    pub(super) response: Value<Type>,
    pub(super) query: Flag,
}

impl Options {
    pub(super) fn of_request(item: &DeriveInput, mistakes: &mut Mistakes) -> Self {
        let (mut response, mut query) = (Value::named("response"), Flag::named("query"));
        let mut name = Value::named("name");
        let slots: &mut [&mut dyn options::Slot] = &mut [&mut response, &mut query, &mut name];
        options::read_attributes(&item.attrs, "request", slots, mistakes);
        Self { name, request: Some(RequestOptions { response, query }) }
    }

    pub(super) fn of_event(item: &DeriveInput, mistakes: &mut Mistakes) -> Self {
        let mut name = Value::named("name");
        options::read_attributes(&item.attrs, "event", &mut [&mut name], mistakes);
        Self { name, request: None }
    }
}
