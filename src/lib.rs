//! Messages, handlers and clusters: `send` a command and `publish` an event in one process or on many nodes, with each effect once.
//!
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
//! | how it travels | [`envelope`], [`codec`], [`schema`], [`transport`] |

// What the macros write names `::catga`, also inside this package's own tests and examples.
extern crate self as catga;

#[doc(hidden)]
pub use catga_core::__private;
pub use catga_core::{
    Catga, CatgaError, Code, Error, Event, FromNode, Kind, Message, Node, OrInternal, Request, Result, Schema, handler,
    handlers,
};
pub use catga_core::{
    behaviors, codec, context, delivery, envelope, error, mediator, message, node, persistence, runtime, schema, serde,
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
