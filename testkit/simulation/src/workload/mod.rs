//! What the simulated nodes do, and what must have come of it.
//!
//! `messages` and `handlers` are an application like any other, in which each effect can be counted; `users` call it from outside and note
//! what they were told; the `operator` pauses and replays; `ledger` keeps these notes; `judge` compares them with what the store holds at the end.

mod handlers;
mod judge;
mod ledger;
mod messages;
mod operator;
mod users;

pub(crate) use handlers::{View, bank, desk, shop, silence_planned_panics};
pub(crate) use judge::judge;
pub(crate) use ledger::Ledger;
pub(crate) use operator::{meddle, replay_all, resume_all};
pub(crate) use users::{Intent, intents, pursue};
