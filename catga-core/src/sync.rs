//! What threads share, for the files in which the order of two threads' steps decides something.
//!
//! Such a file imports these from here and from nowhere else, and little besides: the package `catga-interleavings` compiles the same file with
//! loom's in their place, and tries every order in which the threads can take their steps, and every value that a memory order lets them see.

pub(crate) use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
pub(crate) use std::sync::{Arc, Mutex, PoisonError, Weak};

pub(crate) use tokio::sync::Notify;
