use std::any::type_name;
use std::fmt;
use std::num::NonZeroUsize;

use linkme::distributed_slice;

use crate::context::Context;
use crate::error::Result;
use crate::mediator::TableBuilder;
use crate::message::{Kind, Message};
use crate::retry::Policy;

use super::{Given, Resolver};

/// All handlers of all crates that the linker kept in this program.
///
/// A crate that nothing refers to is dropped by the linker, its handlers with it: `use the_crate as _;` in the application keeps it.
#[distributed_slice]
pub static HANDLERS: [&'static Registration];

/// What `#[handler]` makes of a function or an implementation: a handler bound to what it asked for.
///
/// Not public: only the macro writes it, and its shape may change in any version.
pub trait Handler<M>: Sized + Send + Sync + 'static {
    /// What it answers: the message's response. It is compared where the handler is registered, so that rustc tells a mistake once.
    type Response;

    /// Resolves what the handler asks for; `None` after telling `resolver` what is missing.
    fn resolve(resolver: &mut Resolver<'_>) -> Option<Self>;

    /// Runs it once.
    fn handle<'a>(
        &'a self,
        message: Given<'a, M>,
        cx: &'a Context,
    ) -> impl Future<Output = Result<Self::Response>> + Send + 'a;
}

/// Says which [`Registration`] a handler type stands for; `handlers![H for M]` asks it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler of `{M}`",
    label = "no `#[handler]` says so",
    note = "write `#[handler]` on `impl RequestHandler<{M}> for {Self}` or `impl EventHandler<{M}> for {Self}`"
)]
pub trait Registered<M> {
    /// It.
    const REGISTRATION: &'static Registration;
}

/// One handler, as the macro describes it: what it is, and how it is bound.
pub struct Registration {
    info: HandlerInfo,
    message_type: fn() -> &'static str,
    bind: fn(&'static HandlerInfo, &mut TableBuilder<'_>),
}

impl Registration {
    /// The handler `H` for the message `M`.
    pub const fn new<M: Message, H: Handler<M, Response = M::Response>>(described: HandlerInfo) -> Self {
        Self { info: described.of::<M>(), message_type: type_name::<M>, bind: bind::<M, H> }
    }

    /// What it is.
    pub const fn info(&self) -> &HandlerInfo {
        &self.info
    }

    /// The message's type, with its path.
    pub(crate) fn message_type(&self) -> &'static str {
        (self.message_type)()
    }

    pub(crate) fn bind(&'static self, table: &mut TableBuilder<'_>) {
        (self.bind)(&self.info, table);
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.info.fmt(f)
    }
}

fn bind<M: Message, H: Handler<M, Response = M::Response>>(info: &'static HandlerInfo, table: &mut TableBuilder<'_>) {
    table.bind::<M, H>(info);
}

/// Which deliveries of an event reach a handler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Subscription {
    /// Each running node, from its start on; there one at a time, in their order as far as no retry intervenes.
    #[default]
    Plain,
    /// Each process, from the start of the stream, before the node is ready; there one at a time, as with `Plain`.
    Replay,
    /// A node with a fixed name, from where it stopped; there one at a time, as with `Plain`.
    Resume,
    /// One node of each service.
    OncePerService,
}

/// Where a handler stands in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file, as the compiler names it.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u32,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// What a handler is, apart from its code. Its identity is the message's wire name and its own name.
#[derive(Clone, Copy, Debug)]
pub struct HandlerInfo {
    pub(crate) name: &'static str,
    pub(crate) was: &'static [&'static str],
    pub(crate) role: Option<&'static str>,
    pub(crate) subscription: Subscription,
    pub(crate) concurrency: Option<NonZeroUsize>,
    pub(crate) retry: Option<&'static dyn Policy>,
    pub(crate) location: Location,
    pub(crate) message: &'static str,
    pub(crate) kind: Kind,
}

impl HandlerInfo {
    /// A handler of this name at this place, of a message yet to be said.
    #[doc(hidden)]
    pub const fn new(name: &'static str, file: &'static str, line: u32) -> Self {
        let location = Location { file, line };
        Self {
            name,
            was: &[],
            role: None,
            subscription: Subscription::Plain,
            concurrency: None,
            retry: None,
            location,
            message: "",
            kind: Kind::Event,
        }
    }

    /// The names that it had before.
    #[doc(hidden)]
    pub const fn was(mut self, names: &'static [&'static str]) -> Self {
        self.was = names;
        self
    }

    /// Only on nodes with this role.
    #[doc(hidden)]
    pub const fn role(mut self, role: &'static str) -> Self {
        self.role = Some(role);
        self
    }

    /// Which deliveries reach it.
    #[doc(hidden)]
    pub const fn subscription(mut self, subscription: Subscription) -> Self {
        self.subscription = subscription;
        self
    }

    /// How many messages it takes at a time.
    #[doc(hidden)]
    pub const fn limited_to(mut self, messages: usize) -> Self {
        self.concurrency = NonZeroUsize::new(messages);
        self
    }

    /// What happens after it has failed.
    #[doc(hidden)]
    pub const fn retry(mut self, policy: &'static dyn Policy) -> Self {
        self.retry = Some(policy);
        self
    }

    const fn of<M: Message>(mut self) -> Self {
        (self.message, self.kind) = (M::NAME, M::KIND);
        self
    }

    /// Its own name: the function's or the type's, or the one given by `name = "…"`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The wire name of its message.
    pub const fn message(&self) -> &'static str {
        self.message
    }

    /// What its message is.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The role that a node must have to take it; `None`: any node takes it.
    pub const fn required_role(&self) -> Option<&'static str> {
        self.role
    }

    /// Which deliveries reach it, if its message is an event.
    pub const fn subscribes(&self) -> Subscription {
        self.subscription
    }

    /// How many messages it takes at a time on one node, if it says so with `concurrency = …`; else as many as the node takes.
    pub const fn concurrency(&self) -> Option<NonZeroUsize> {
        self.concurrency
    }

    /// Whether each node runs it for each of its events.
    pub(crate) const fn is_on_every_node(&self) -> bool {
        matches!(self.kind, Kind::Event) && !matches!(self.subscription, Subscription::OncePerService)
    }

    /// Why it may neither write nor publish, if it may not.
    pub(crate) const fn only_reads(&self) -> Option<&'static str> {
        match (self.kind, self.subscription) {
            (Kind::Query, _) => Some("a query only reads"),
            (Kind::Event, Subscription::Plain | Subscription::Replay) => {
                Some("it runs on every node, so each of them would do it")
            }
            _ => None,
        }
    }

    /// What to write so that it may do more than read, where that would make sense.
    pub(crate) const fn remedy(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Event => Some("write `#[handler(once_per = \"service\")]`"),
            _ => None,
        }
    }

    /// What stays the same when it is renamed: its message's wire name and its own first name.
    pub fn identity(&self) -> String {
        format!("{}/{}", self.message, self.first_name())
    }

    /// The name that it had first.
    pub(crate) fn first_name(&self) -> &'static str {
        self.was.first().copied().unwrap_or(self.name)
    }

    /// Where it stands.
    pub const fn location(&self) -> Location {
        self.location
    }
}

impl fmt::Display for HandlerInfo {
    /// As messages for people name it: the handler, its message, and where it stands.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` for `{}` ({})", self.name, self.message, self.location)
    }
}
