//! Stands in for core's room of this name: what loom has, and what it lacks, made of that.

mod arc;
mod notify;

pub(crate) use std::sync::PoisonError;

pub(crate) use loom::sync::Mutex;
pub(crate) use loom::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

pub(crate) use arc::{Arc, Weak};
pub(crate) use notify::Notify;
