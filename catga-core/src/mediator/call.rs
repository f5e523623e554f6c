use std::marker::PhantomData;
use std::time::Duration;

use crate::context::{Context, Facts};
use crate::envelope::{Text, UserHeaders};
use crate::error::{Error, Result};
use crate::message::MessageId;
use crate::runtime;

use super::Home;

/// Which node handles a request that several could.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Routing {
    /// This one if it has the handler, else one of the owning service's.
    #[default]
    LocalFirst,
    /// Any of the owning service's, this one among them.
    Balanced,
}

/// One call to be: what is sent, from where, and with which options. Awaiting it makes the call; dropped before, nothing happens.
///
/// `O` says which call it is: [`Sending`], [`Publishing`], [`Enqueuing`].
#[must_use = "a call is made when it is awaited"]
pub struct Call<'a, M, O> {
    pub(crate) home: &'a Home,
    pub(crate) parent: Option<&'a Context>,
    pub(crate) message: M,
    pub(crate) options: Options,
    operation: PhantomData<fn(O)>,
}

/// Says of a [`Call`] that it sends a request and waits for the answer.
#[derive(Debug)]
pub enum Sending {}

/// Says of a [`Call`] that it publishes an event.
#[derive(Debug)]
pub enum Publishing {}

/// Says of a [`Call`] that it hands a command over, to be handled later.
#[derive(Debug)]
pub enum Enqueuing {}

impl<'a, M, O> Call<'a, M, O> {
    #[inline(always)]
    pub(crate) fn new(home: &'a Home, parent: Option<&'a Context>, message: M) -> Self {
        Self { home, parent, message, options: Options::new(), operation: PhantomData }
    }

    /// All options at once, in place of those given so far.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// The message's id, for who tries again after a failure; a new one if none is given.
    pub fn id(self, id: MessageId) -> Self {
        self.with(|options| options.id(id))
    }

    /// A header for the handlers to read; a name given twice keeps the last value.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.with(|options| options.header(name, value))
    }

    /// On whose behalf the message is sent.
    pub fn as_principal(self, principal: &str) -> Self {
        self.with(|options| options.as_principal(principal))
    }

    fn with(mut self, change: impl FnOnce(Options) -> Options) -> Self {
        self.options = change(self.options);
        self
    }
}

impl<M> Call<'_, M, Sending> {
    /// The idempotency key: the caller's name for this intent.
    ///
    /// A command runs once for one key, and whoever sends it again gets the same response, or the same error that a retry can't help; while
    /// the first one runs, the others wait for it. The key is known to the service that handles the command, for 24 h or as
    /// [`keep_keys_for`](crate::node::NodeBuilder::keep_keys_for) there says, and is one for each request and principal. With another body it is
    /// refused with `KeyReused`; with `Validation` where there is no persistence to remember it. A query's key is shown to its handler,
    /// no more.
    pub fn key(self, key: &str) -> Self {
        self.with(|options| options.key(key))
    }

    /// How long the answer may take.
    pub fn deadline(self, within: Duration) -> Self {
        self.with(|options| options.deadline(within))
    }

    /// Handled by any node of the owning service, also if this one could.
    pub fn balanced(self) -> Self {
        self.with(|options| options.routing(Routing::Balanced))
    }
}

impl<M> Call<'_, M, Enqueuing> {
    /// The idempotency key: the caller's name for this intent. The command runs once for one key, as where it is sent.
    pub fn key(self, key: &str) -> Self {
        self.with(|options| options.key(key))
    }

    /// Handled no sooner than after this time.
    pub fn after(self, delay: Duration) -> Self {
        self.with(|options| options.after(delay))
    }
}

/// Options of one call. What is left out has its default, and an empty one costs nothing.
///
/// Not every call reads every option; where the table has a dash, an option isn't refused, and nothing is promised for it:
///
/// | option | send | enqueue | publish |
/// |---|---|---|---|
/// | `id`, `header`, `as_principal` | yes | yes | yes |
/// | `key` | yes; of a query shown to its handler, no more | yes | shown to the handlers, no more |
/// | `deadline` | yes | – | by a mediator: how long each handler may take; by a node – |
/// | `routing` | of a node; a mediator alone has one place | – | – |
/// | `after` | – | yes | – |
///
/// ```
/// use std::time::Duration;
/// use catga_core::mediator::Options;
///
/// let options = Options::new().key("order-7").deadline(Duration::from_secs(2));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Options(Option<Box<Given>>);

#[derive(Clone, Debug, Default)]
struct Given {
    id: Option<MessageId>,
    headers: UserHeaders,
    key: Option<Text>,
    principal: Option<Text>,
    deadline: Option<Duration>,
    routing: Option<Routing>,
    delay: Option<Duration>,
    refused: Option<Error>,
}

impl Options {
    /// None.
    #[inline(always)]
    pub const fn new() -> Self {
        Self(None)
    }

    /// See [`Call::id`].
    #[must_use]
    pub fn id(self, id: MessageId) -> Self {
        self.with(|given| given.id = Some(id))
    }

    /// See [`Call::header`]. What isn't allowed is refused when the call is made, here as with every option.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        self.with(|given| {
            let set = given.headers.set(name, value);
            given.check(set);
        })
    }

    /// See [`Call::key`].
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.with(|given| given.key = given.check(Text::of_option("key", key)))
    }

    /// See [`Call::as_principal`].
    #[must_use]
    pub fn as_principal(self, principal: &str) -> Self {
        self.with(|given| given.principal = given.check(Text::of_option("as_principal", principal)))
    }

    /// See [`Call::deadline`].
    #[must_use]
    pub fn deadline(self, within: Duration) -> Self {
        self.with(|given| given.deadline = Some(within))
    }

    /// Which node handles the request; the node's own default if this isn't said.
    #[must_use]
    pub fn routing(self, routing: Routing) -> Self {
        self.with(|given| given.routing = Some(routing))
    }

    /// See [`Call::after`].
    #[must_use]
    pub fn after(self, delay: Duration) -> Self {
        self.with(|given| given.delay = Some(delay))
    }

    fn with(mut self, change: impl FnOnce(&mut Given)) -> Self {
        change(self.0.get_or_insert_default());
        self
    }

    /// Whether the call has an idempotency key.
    #[inline(always)]
    pub(crate) fn has_key(&self) -> bool {
        self.0.as_ref().is_some_and(|given| given.key.is_some())
    }

    #[inline(always)]
    pub(crate) fn asked_routing(&self) -> Option<Routing> {
        self.0.as_ref().and_then(|given| given.routing)
    }

    pub(crate) fn asked_id(&self) -> Option<MessageId> {
        self.0.as_ref()?.id
    }

    pub(crate) fn delay(&self) -> Option<Duration> {
        self.0.as_ref()?.delay
    }

    pub(crate) fn within(&self) -> Option<Duration> {
        self.0.as_ref()?.deadline
    }

    /// What a context knows of a call with these options; nothing, if there are none.
    ///
    /// # Errors
    ///
    /// An option that isn't allowed.
    #[inline(always)]
    pub(crate) fn into_facts(self) -> Result<Option<Box<Facts>>> {
        match self.0 {
            None => Ok(None),
            Some(given) => given.into_facts().map(|facts| Some(Box::new(facts))),
        }
    }
}

impl Given {
    /// Keeps the first error for the moment of the call.
    fn check<T>(&mut self, option: Result<T>) -> Option<T> {
        option.map_err(|error| self.refused.get_or_insert(error).clone()).ok()
    }

    #[cold]
    fn into_facts(self) -> Result<Facts> {
        match self.refused {
            Some(error) => Err(error),
            None => Ok(Facts {
                id: self.id,
                correlation: None,
                causation: None,
                headers: self.headers,
                key: self.key,
                principal: self.principal,
                deadline: self.deadline.map(runtime::after),
                attempt: 1,
                begun: false,
            }),
        }
    }
}
