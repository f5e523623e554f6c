//! Measuring: time in turns, allocations in a program of their own, instructions under callgrind.

mod allocations;
mod instructions;
mod time;

pub use allocations::{allocations, counted};
pub use instructions::instructions;
pub use time::medians;

/// Something that can be run any number of times.
pub struct Line {
    /// Its name on the command line.
    pub name: &'static str,
    /// Prepares it; what comes of that runs it so many times.
    pub prepare: fn() -> Run,
}

/// Runs a line so many times.
pub type Run = Box<dyn FnMut(u64)>;
