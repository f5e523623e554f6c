//! The heart of Catga.
//!
//! An application depends on the package `catga`, which re-exports this one. Whoever writes a transport or a persistence depends on
//! `catga-core` alone: the two seams, [`transport::Transport`] and [`persistence::Persistence`], are documented here as contracts.
//!
//! Each module is a word of `ARCHITECTURE.md`: what a newcomer looks for is found under its name.

// What the macros write names `::catga_core`, also inside this package's own tests.
extern crate self as catga_core;

#[doc(hidden)]
pub mod __private;
pub mod behaviors;
pub mod codec;
pub mod context;
pub mod delivery;
pub mod envelope;
pub mod error;
pub mod handler;
pub mod mediator;
pub mod message;
pub mod node;
pub mod persistence;
mod recent;
pub mod retry;
pub mod runtime;
pub mod schema;
mod sync;
pub mod transport;

pub use serde;

pub use error::{CatgaError, Code, Error, OrInternal, Result, WireError};
pub use handler::{FromNode, handler, handlers};
pub use message::{Event, Kind, Message, Request};
pub use node::{Catga, Node};
pub use schema::Schema;
