//! Messages, handlers and clusters: `send` a command and `publish` an event, in one process or on many nodes.
//!
//! ```standalone_crate
//! use catga::prelude::*;
//!
//! #[derive(Request, Serialize, Deserialize)]
//! #[request(response = String)]
//! struct Greet {
//!     name: String,
//! }
//!
//! #[handler]
//! async fn greet(cmd: &Greet) -> Result<String> {
//!     Ok(format!("Good day, {}", cmd.name))
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<()> {
//!     let node = Catga::builder("greetings").start().await?;
//!     assert_eq!(node.send(Greet { name: "Ada".to_owned() }).await?, "Good day, Ada");
//!     node.shutdown().await
//! }
//! ```
//!
//! # Where to look
//!
//! | for | see |
//! | --- | --- |
//! | requests and events | [`message`], the derives [`Request`] and [`Event`] |
//! | functions and types that handle them | [`handler`](mod@handler), the attribute [`#[handler]`](macro@handler) |
//! | what a handler knows, and how it sends more | [`context`] |
//! | dispatch in one process, without a node | [`mediator`] |
//! | layers around handlers | [`behaviors`] |
//! | a node, and how it starts and ends | [`node`] |
//! | documents, in one unit of work with the events | [`persistence`] |
//! | what goes wrong | [`error`] |
//! | what happens then | [`retry`] |
//! | how it travels | [`envelope`], [`codec`], [`schema`], [`transport`] |
//!
//! The README shows a whole service, the repository's `examples` one part each.
//!
//! # Handlers in other crates
//!
//! The linker leaves out a library crate that no code mentions, and its handlers with it: a `send` then fails with
//! [`NoHandler`](Code::NoHandler), and an event passes it by. `use the_crate as _;` in the program keeps it.
//!
//! # Features
//!
//! | feature | brings |
//! | --- | --- |
//! | `bincode` (default) | the positional codec, the default for requests and replies |
//! | `json` (default) | the JSON codec |
//! | `axum` | `IntoResponse` for [`Error`], as a problem document (RFC 9457) |
//! | `chrono`, `jiff`, `time` | [`Schema`] for their dates and times |
//! | `rust_decimal` | [`Schema`] for `Decimal`, and what bincode needs to carry one |

// What the macros write names `::catga`, also inside this package's own tests and examples.
extern crate self as catga;

#[doc(hidden)]
pub use catga_core::__private;
pub use catga_core::{
    Catga, CatgaError, Code, Error, Event, FromNode, Kind, Message, Node, OrInternal, Request, Result, Schema, handler,
    handlers,
};
pub use catga_core::{
    behaviors, codec, context, envelope, error, mediator, message, node, persistence, retry, runtime, schema, serde,
    transport,
};

pub mod prelude {
    //! What most files of an application need: `use catga::prelude::*;`.

    pub use catga_core::context::Context;
    pub use catga_core::handler::{EventHandler, RequestHandler};
    pub use catga_core::mediator::{Mediator, Routing};
    pub use catga_core::persistence::{Document, Documents, DocumentsView};
    pub use catga_core::serde::{Deserialize, Serialize};
    pub use catga_core::{
        Catga, CatgaError, Code, Error, Event, FromNode, Node, OrInternal, Request, Result, Schema, handler, handlers,
    };
}

/// The code in the README compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
enum Readme {}
