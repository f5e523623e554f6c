//! What a store is to do, as plainly as it can be said: one value, changed step by step. It shares no code with any store.

mod reference;
mod step;

pub(crate) use reference::{LEASE, LETTERS, Model, OUTBOX, Outcome};
pub(crate) use step::{MARKS, MarkOf, Step, WriteOf, any_step, picked};
