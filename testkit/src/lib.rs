//! What tests of Catga, and of applications that use it, have in common.
//!
//! Event handlers run after the call that published the event has returned, so a test has to wait for them; [`Seen`] does so without
//! a sleep that hopes. [`conformance`] is what every transport and every persistence must pass.

pub mod conformance;
pub mod harness;
mod seen;

pub use harness::{Attempt, Harness};
pub use seen::Seen;
