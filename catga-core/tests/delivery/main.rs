//! Deliveries on nodes: what comes of them when handlers are slow, fail, race, resume, or their node goes.

mod failures;
mod races;
mod requests;
mod resume;
mod retry;
#[path = "../common/seen.rs"]
mod seen;
mod shutdown;
mod start;
mod support;
