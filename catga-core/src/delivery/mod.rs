//! Delivery: from an envelope that arrives at a node to the effect of its handlers, and from the outbox back to the transport.
//!
//! An `Endpoint` is the only place where a delivery becomes a call. Around it, `run` is one run of a handler, for as long as the node lets it;
//! `inbox` lets one node at a time handle a message and commits what came of it under the message's mark, which `marks` names; `intake` takes
//! deliveries from the transport and settles them; `retry` decides what happens after a failure; `relay` moves the outbox to the transport.

mod endpoint;
mod inbox;
mod intake;
mod marks;
mod relay;
mod run;

pub(crate) use endpoint::{Arrived, Came, Endpoint};
pub(crate) use inbox::{commit_resolved, handle};
pub(crate) use intake::{Endpoints, Intake};
pub(crate) use marks::no_store_for_key;
pub(crate) use relay::RelayTask;
