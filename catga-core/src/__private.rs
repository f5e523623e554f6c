//! What the macros' code names. Not public: it may change in any version.

pub use linkme;

pub use crate::context::Context;
pub use crate::error::{Code, Error, Result, Transparent};
pub use crate::handler::{
    Argument, FromNode, Given, HANDLERS, Handler, HandlerInfo, Held, OrOnce, OrProvided, Outcome, Own, Registered,
    Registration, Resolver, Run, Subscription, only_for_events, only_several,
};
pub use crate::message::{Event, Kind, Message, MessageIndex, Request};
pub use crate::retry::Retry;

/// For `derive(Schema)`.
pub mod schema {
    pub use std::{option::Option, string::String, sync::OnceLock, vec::Vec};

    use crate::schema::Field;
    pub use crate::schema::{Content, Describer, Facts, Schema, Shape, Tagging, Type, Variant};

    /// A field, which by names may also be missing if it is an `Option`.
    pub fn field(name: &str, ty: Type, has_default: bool, flattened: bool) -> Field {
        let has_default = has_default || matches!(ty, Type::Option(_));
        Field { name: name.to_owned(), ty, has_default, flattened }
    }
}
