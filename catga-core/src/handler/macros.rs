//! The macros for handlers, with what they mean to whoever writes one.

/// Makes an `async fn`, or an implementation of [`RequestHandler`](super::RequestHandler) or [`EventHandler`](super::EventHandler), a
/// handler. It is found without being listed anywhere, also in another crate of the application.
///
/// A function takes its message first, by value or by reference. Each further argument is one of these:
///
/// | argument | is |
/// | --- | --- |
/// | `&T` | what was provided with `.provide(…)`, or what a node makes itself ([`FromNode`](super::FromNode)) |
/// | `&dyn Trait` | what was provided with `.provide_as::<dyn Trait>(…)` |
/// | `&Context` | the [`Context`](crate::context::Context) of the call |
///
/// It returns a `Result` with the message's response, which is `()` for an event; its error is a [`catga::Error`](crate::Error), or becomes one
/// with `?`. It stays a function: tests call it.
///
/// ```standalone_crate
/// use catga_core::context::Context;
/// use catga_core::mediator::Mediator;
/// use catga_core::{Error, Request, Result, handler};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Request, Serialize, Deserialize)]
/// #[request(response = String)]
/// struct Greet { name: String }
///
/// struct Greeting(&'static str);
///
/// #[handler]
/// async fn greet(cmd: Greet, greeting: &Greeting, _: &Context) -> Result<String> {
///     if cmd.name.is_empty() {
///         return Err(Error::validation("whom shall I greet?"));
///     }
///     Ok(format!("{}, {}", greeting.0, cmd.name))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let mediator = Mediator::builder().provide(Greeting("Good day")).build()?;
/// assert_eq!(mediator.send(Greet { name: "Ada".to_owned() }).await?, "Good day, Ada");
/// # Ok(())
/// # }
/// ```
///
/// A type's fields are what it asks for, with [`#[derive(FromNode)]`](super::FromNode) on it. One type may handle several messages.
///
/// ```standalone_crate
/// # use catga_core::context::Context;
/// # use catga_core::{Request, Result};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Request, Serialize, Deserialize)]
/// # #[request(response = String)]
/// # struct Greet { name: String }
/// # struct Greeting(&'static str);
/// use std::sync::Arc;
///
/// use catga_core::handler::RequestHandler;
/// use catga_core::mediator::Mediator;
/// use catga_core::{FromNode, handler};
///
/// #[derive(FromNode)]
/// struct Greeter {
///     greeting: Arc<Greeting>,
/// }
///
/// #[handler]
/// impl RequestHandler<Greet> for Greeter {
///     async fn handle(&self, cmd: Greet, _: &Context) -> Result<String> {
///         Ok(format!("{}, {}", self.greeting.0, cmd.name))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let mediator = Mediator::builder().provide(Greeting("Good day")).build()?;
/// assert_eq!(mediator.send(Greet { name: "Ada".to_owned() }).await?, "Good day, Ada");
/// # Ok(())
/// # }
/// ```
///
/// # Options
///
/// | option | means |
/// | --- | --- |
/// | `name = "…"` | its own name, in place of the function's or the type's; with the message's name it is the handler's identity |
/// | `was = "…"`, `was("…", "…")` | names that it had before |
/// | `role = "…"` | only nodes with this role take it |
/// | `once_per = "service"` | an event's: it runs on one node of the service, in place of every node |
/// | `replay` | an event's: each process runs it for all events from the stream's start on, before the node is ready |
/// | `resume` | an event's: a node with a fixed name runs it from where that node stopped; the node has a `.node_name(…)` and a persistence |
/// | `concurrency = 4` | how many messages it takes at a time on one node, 1 to 10000; not with handlers that take events in their order |
/// | `retry(…)` | what happens after it has failed for a message that came by the transport, see below |
/// | `unlinked` | it isn't found by itself, only named with [`handlers!`](super::handlers) |
///
/// `retry(…)` says it in one of three ways:
///
/// | written | is |
/// | --- | --- |
/// | `retry(attempts = 5, first = "200ms")` | [`Retry::DEFAULT`](crate::retry::Retry::DEFAULT) with this changed; the options are called as its methods: `attempts`, `attempts_of_sent`, `immediate`, `jitter` are numbers, `first`, `longest`, `grace` durations with the unit `ms`, `s`, `min` or `h` |
/// | `retry(never)` | [`Retry::NEVER`](crate::retry::Retry::NEVER) |
/// | `retry(with = path)` | what is at the path: a function `fn(&Failure<'_>) -> Next`, or a constant [`Retry`](crate::retry::Retry) |
///
/// Each attempt decodes its message anew, so this asks for no `Clone`. A query's handler may have it as well. A `send` to a handler on the same
/// node, or of a mediator alone, is run once: its caller has the error at once, and knows best.
///
/// Names and roles are of `A-Z`, `a-z`, `0-9`, `_`, `-`, at most 100. Every mistake is a compile error at its own place, and all in one
/// item are reported together.
pub use catga_macros::handler;

/// Names handlers for `.handlers(…)` of a builder, which then has these alone: a function by its path in the module where it stands, a
/// handler type with its message. Tests take exactly what they are about so.
///
/// It gives an array of `&'static` [`Registration`](super::Registration)s.
///
/// ```
/// use catga_core::context::Context;
/// use catga_core::handler::RequestHandler;
/// use catga_core::mediator::Mediator;
/// use catga_core::{FromNode, Request, Result, handler, handlers};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Request, Serialize, Deserialize)]
/// #[request(response = u32)]
/// struct Double(u32);
///
/// #[derive(Request, Serialize, Deserialize)]
/// #[request(response = u32)]
/// struct Halve(u32);
///
/// mod doubling {
///     use super::*;
///
///     #[handler]
///     pub async fn double(cmd: Double) -> Result<u32> {
///         Ok(cmd.0 * 2)
///     }
/// }
///
/// #[derive(FromNode)]
/// struct Halver;
///
/// #[handler]
/// impl RequestHandler<Halve> for Halver {
///     async fn handle(&self, cmd: Halve, _: &Context) -> Result<u32> {
///         Ok(cmd.0 / 2)
///     }
/// }
///
/// # fn main() {
/// let mediator = Mediator::builder().handlers(handlers![doubling::double, Halver for Halve]).build().unwrap();
/// assert_eq!(mediator.handlers().len(), 2);
/// # }
/// ```
pub use catga_macros::handlers;

/// Makes a struct something that a node can make: a handler type, or a part of one. Each of its fields is made so in turn.
///
/// For what was provided as `T` a field is an `Arc<T>`. If several are missing, the start's error names them all.
///
/// ```
/// use std::sync::Arc;
///
/// use catga_core::FromNode;
///
/// struct Rates;
///
/// trait Mailer: Send + Sync {}
///
/// #[derive(FromNode)]
/// struct Cashier {
///     rates: Arc<Rates>,
///     mailer: Arc<dyn Mailer>,
/// }
/// ```
pub use catga_macros::FromNode;
