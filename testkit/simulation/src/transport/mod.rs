//! The in-memory transport behind a network that fails, in every way that the contract of the seam allows and in no other.

mod broker;
mod deliveries;
mod link;
mod requests;

pub(crate) use broker::Broker;
pub(crate) use link::NodeTransport;
