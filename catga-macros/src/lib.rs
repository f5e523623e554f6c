//! The macros of Catga; use them through `catga`, which re-exports them.
//!
//! Each macro is a folder with three files, in the order in which they run: `parse` (tokens to what was written), `check` (what was
//! written to what is meant, or all of its mistakes at once), `expand` (what is meant to code). The entry points here hold no logic.

mod shared;
