//! Requests whose answer doesn't come: when they are sent again, and what their caller is told at last.

mod nodes;
mod scripted;
mod sendings;
