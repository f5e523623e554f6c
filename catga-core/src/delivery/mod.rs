//! Delivery: from an envelope that arrives at a node to the effect of its handlers, and from the outbox back to the transport.
//!
//! `intake` takes what arrives. What somebody waits for goes through `answer`, what is stored through `stored` or, where every node gets it,
//! through a lane of the intake. All of them make attempts by a `Handling`: it begins the message's mark and holds it as a `Claim`, `run`s the
//! handler through its `Endpoint`, the only place where a delivery becomes a call, and commits what came of it. A stored message is a `Parcel` until
//! it is settled, which takes the proof that its handler is `Through`.
//!
//! `gate` keeps a node from taking what it couldn't finish, `places` bounds how many handlers run, `aside` counts what lanes try again later, `progress` is the position of a `resume` handler,
//! `again` is what comes back for one handler alone, and `relay` moves the outbox to the transport.

mod again;
mod answer;
mod aside;
mod backoff;
mod claim;
mod commit;
mod endpoint;
mod gaps;
mod gate;
mod handling;
mod intake;
mod kept;
mod marks;
mod parcel;
mod places;
mod progress;
mod relay;
mod run;
mod signs;
mod stored;

pub(crate) use again::again;
pub(crate) use answer::answer;
pub(crate) use aside::Aside;
pub(crate) use backoff::Backoff;
pub(crate) use commit::commit_resolved;
pub(crate) use endpoint::{Arrived, Came, Endpoint};
pub(crate) use gaps::Gaps;
pub(crate) use gate::Gate;
pub(crate) use intake::{Intake, NodeEvents};
pub(crate) use marks::no_store_for_key;
pub(crate) use places::Places;
pub(crate) use progress::Progress;
pub(crate) use relay::RelayTask;
