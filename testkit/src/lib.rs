//! What tests of Catga, and of applications that use it, have in common.
//!
//! Event handlers run after the call that published the event has returned, so a test has to wait for them. A [`Harness`] does so for an
//! application's own handlers, on nodes in memory, without a sleep that hopes, and tells what they did. [`Seen`] is for tests that see for
//! themselves, whatever the nodes stand on. [`conformance`] is what every transport and every persistence must pass.

pub mod conformance;
mod harness;
mod seen;

pub use harness::{Attempt, Harness};
pub use seen::Seen;
