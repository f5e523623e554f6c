//! What the macros' code names. Not public: it may change in any version.

pub use linkme;

pub use crate::error::{Code, Error, Transparent};
pub use crate::handler::{
    Argument, Given, HANDLERS, Handler, HandlerInfo, Held, OrOnce, OrProvided, Own, Registered, Registration, Resolver,
    Subscription,
};
pub use crate::message::MessageIndex;
