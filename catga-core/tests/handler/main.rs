//! Handlers as the macros make them, dispatched by a mediator.

// What the macros write must pass wherever it comes to stand.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unreachable_pub, clippy::pedantic)]

mod functions;
mod linked;
mod places;
mod start;
mod types;
