//! Behaviors: layers of the pipeline around a handler.
//!
//! A behavior comes in two shapes. [`Behavior`] stands around handlers of any message: it sees the message's name and kind, the context
//! and the outcome, and may stop with an error or an answer of the right type. [`BehaviorFor`] stands around the handler of one message
//! type: it sees the message, and may replace the typed result.
//!
//! Behaviors run in the order in which they were added, the first one outermost. Where none applies to a message, its pipeline is the
//! bare handler.

mod every;
mod layer;
mod one;
mod turn;

pub use every::{Answered, Behavior, Next};
pub use one::{BehaviorFor, NextFor};

pub(crate) use layer::Layer;
pub(crate) use turn::{End, Turn, not_answered};
