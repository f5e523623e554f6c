//! What the simulated nodes do, and what must have come of it.
//!
//! `messages` and `handlers` are an application like any other, in which each effect can be counted; `users` call it from outside and note
//! what they were told; `ledger` keeps these notes; `judge` compares them with what the store holds at the end.

mod handlers;
mod judge;
mod ledger;
mod messages;
mod users;

pub(crate) use handlers::{View, bank, shop, silence_planned_panics};
pub(crate) use judge::judge;
pub(crate) use ledger::Ledger;
pub(crate) use users::{intents, pursue};
