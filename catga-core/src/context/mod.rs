//! The context: what a handler knows of the message it handles, and its way to send and publish more.
//!
//! What nobody asks for isn't computed: an id is minted when it is first asked for, and a clock is read only where there is a deadline.

mod access;
mod children;
mod facts;
mod journal;

pub use access::{Access, DocumentKey, Version, Write};
pub use journal::{Journal, Outgoing, Route};

pub(crate) use facts::Facts;

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use crate::envelope::{Text, UserHeaders};
use crate::error::{Error, Result};
use crate::handler::HandlerInfo;
use crate::mediator::{Borrowed, Call, Home, Lent, Options, Sending};
use crate::message::{Event, Message, MessageId, Request};
use crate::runtime::{self, Instant};

/// What a handler knows of the message it handles, and its way to send and publish more.
///
/// Handlers get it as `&Context`; it can't be kept beyond the call. Its journal gathers what the handler writes and publishes, and is
/// committed as one when the handler succeeds.
pub struct Context {
    home: Borrowed<Home>,
    /// The context of the handler that sent this message from within this process.
    parent: Option<Borrowed<Context>>,
    handler: &'static HandlerInfo,
    facts: Option<Box<Facts>>,
    id: OnceLock<MessageId>,
    journal: Mutex<Option<Box<Journal>>>,
}

impl Context {
    /// The context of one run of `handler`.
    #[inline(always)]
    pub(crate) fn lend<'a>(
        home: &'a Home,
        parent: Option<&'a Context>,
        handler: &'static HandlerInfo,
        facts: Option<Box<Facts>>,
    ) -> Lent<'a, Self> {
        Lent::new(home, parent, |home, parent| Self {
            home,
            parent,
            handler,
            facts,
            id: OnceLock::new(),
            journal: Mutex::new(None),
        })
    }

    /// The message's id: the same one whenever this message is handled again, by a retry, a redelivery or the replay of a dead letter, on
    /// whichever node.
    ///
    /// **What a handler does beyond its unit of work happens at least once**: a write to a database of its own, a mail, a payment. A node
    /// may die after it and before the commit, and then the handler runs again. Do it under this id – with the handler's
    /// [identity](HandlerInfo::identity), where several handlers share a table – and what is done already is seen:
    ///
    /// ```
    /// use std::{collections::BTreeMap, sync::Mutex};
    ///
    /// use catga_core::context::Context;
    /// use catga_core::mediator::Mediator;
    /// use catga_core::message::MessageId;
    /// use catga_core::{Event, Result, handler, handlers};
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Event, Clone, Serialize, Deserialize)]
    /// struct OrderPaid {
    ///     amount: u32,
    /// }
    ///
    /// type Payments = Mutex<BTreeMap<MessageId, u32>>;
    ///
    /// #[handler]
    /// async fn book(event: &OrderPaid, payments: &Payments, cx: &Context) -> Result<()> {
    ///     // As `INSERT … ON CONFLICT (message_id) DO NOTHING`: key and effect in one transaction.
    ///     payments.lock().unwrap().entry(cx.message_id()).or_insert(event.amount);
    ///     Ok(())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let payments = std::sync::Arc::new(Payments::default());
    /// let mediator = Mediator::builder().handlers(handlers![book]).provide_as(payments.clone()).build()?;
    /// let id = MessageId::new();
    /// mediator.publish(OrderPaid { amount: 40 }).id(id).await?;
    /// mediator.publish(OrderPaid { amount: 40 }).id(id).await?;
    /// assert_eq!(payments.lock().unwrap().values().sum::<u32>(), 40);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Who sends a command again under its [key](Self::idempotency_key) sends another message: of such a command the key names the effect.
    pub fn message_id(&self) -> MessageId {
        *self.id.get_or_init(|| self.facts.as_deref().and_then(|facts| facts.id).unwrap_or_else(MessageId::new))
    }

    /// The id of the message with which it all began: this message's own, if nothing caused it.
    pub fn correlation_id(&self) -> MessageId {
        if let Some(id) = self.facts.as_deref().and_then(|facts| facts.correlation) {
            return id;
        }
        match &self.parent {
            Some(parent) => parent.get().correlation_id(),
            None => self.message_id(),
        }
    }

    /// The id of the message whose handler sent this one.
    pub fn causation_id(&self) -> Option<MessageId> {
        match &self.parent {
            Some(parent) => Some(parent.get().message_id()),
            None => self.facts.as_deref()?.causation,
        }
    }

    /// The value of this header, if the message has it.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers()?.get(name)
    }

    /// The headers that its sender gave it; `None` if there are none.
    pub fn headers(&self) -> Option<&UserHeaders> {
        self.facts.as_deref().map(|facts| &facts.headers)
    }

    /// The caller's name for this intent, if it gave one.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.facts.as_deref()?.key.as_deref()
    }

    /// On whose behalf the message was sent: the message's own principal, or its sender's.
    pub fn principal(&self) -> Option<&str> {
        if let Some(principal) = self.facts.as_deref().and_then(|facts| facts.principal.as_deref()) {
            return Some(principal);
        }
        self.parent.as_ref()?.get().principal()
    }

    pub(crate) fn principal_text(&self) -> Option<Text> {
        if let Some(principal) = self.facts.as_deref().and_then(|facts| facts.principal.clone()) {
            return Some(principal);
        }
        self.parent.as_ref()?.get().principal_text()
    }

    /// Whether its message has a mark, so that this may be another run of what has run before.
    #[inline]
    pub(crate) fn is_begun(&self) -> bool {
        self.facts.as_deref().is_some_and(|facts| facts.begun)
    }

    /// Which run of this handler for this message it is, from 1.
    pub fn attempt(&self) -> u32 {
        self.facts.as_deref().map_or(1, |facts| facts.attempt)
    }

    /// When the answer is due, if it is: the message's own deadline or its sender's, whichever comes first.
    pub fn deadline(&self) -> Option<Instant> {
        let own = self.facts.as_deref().and_then(|facts| facts.deadline);
        let sender = self.parent.as_ref().and_then(|parent| parent.get().deadline());
        match (own, sender) {
            (Some(own), Some(sender)) => Some(own.min(sender)),
            (own, sender) => own.or(sender),
        }
    }

    /// How long it is until [`deadline`](Self::deadline); zero when that has passed.
    pub fn remaining(&self) -> Option<Duration> {
        self.deadline().map(|deadline| deadline.saturating_duration_since(runtime::now()))
    }

    /// Whether the handler should stop, since nobody will use its outcome: the node has run out of its grace period while shutting down.
    ///
    /// A handler that runs for a caller on this node goes on until its future is dropped, told or not. One whose caller lost interest isn't told: its future is dropped.
    pub fn is_cancelled(&self) -> bool {
        self.home.get().cancellation().is_some_and(|token| token.is_cancelled())
    }

    /// Waits until [`is_cancelled`](Self::is_cancelled), maybe forever. Cancel safe.
    pub async fn cancelled(&self) {
        match self.home.get().cancellation() {
            Some(token) => token.cancelled().await,
            None => std::future::pending().await,
        }
    }

    /// The name of the node that runs the handler; `"local"` for a mediator alone.
    pub fn node(&self) -> &str {
        self.home.get().node_name()
    }

    /// The name of the service that the node belongs to; `"local"` for a mediator alone.
    pub fn service(&self) -> &str {
        self.home.get().service()
    }

    /// What is known of the handler itself.
    pub fn handler(&self) -> &'static HandlerInfo {
        self.handler
    }

    /// Sends a request, as [`Node::send`](crate::node::Node::send) does, as a consequence of this message: its correlation id, principal
    /// and deadline go on.
    ///
    /// Handlers that send to each other within one process go 32 sends deep, or 8 where what they send is remembered; the next one is refused with
    /// `Internal`, since they share one stack.
    ///
    /// In a handler that may run again for the same message, since there is a persistence, a command's id is derived from that message, the handler
    /// and the command: the next run gets the first one's answer, whatever the order. A query is asked anew. The command is a unit of work of
    /// its own: that this handler fails doesn't undo it.
    ///
    /// On a node, the handler of a query, or of an event that every node handles for itself and without a position, sends queries only: a command is
    /// refused with `Internal`.
    pub fn send<R: Request>(&self, request: R) -> Call<'_, R, Sending> {
        Call::new(self.home.get(), Some(self), request)
    }

    /// How much of the stack the sends take, each by the handler of the one before, that led to this run: in plain sends.
    pub(crate) fn depth(&self) -> usize {
        // The way of an envelope within this process is as deep as four plain ones.
        let own = if self.is_begun() { 4 } else { 1 };
        own + self.parent.as_ref().map_or(0, |parent| parent.get().depth())
    }

    /// Publishes an event when, and only if, the handler has succeeded and what it wrote is committed.
    ///
    /// # Errors
    ///
    /// The handler is of a kind that may not publish (a query's, or an event's that runs on every node), the event can't be encoded or
    /// is too large, the journal is full, or there is no node (a mediator alone).
    pub fn publish<E: Event>(&self, event: E) -> Result<()> {
        self.publish_with(event, Options::new())
    }

    /// [`publish`](Self::publish), with options.
    ///
    /// # Errors
    ///
    /// As for [`publish`](Self::publish).
    pub fn publish_with<E: Event>(&self, event: E, options: Options) -> Result<()> {
        self.put_out(&event, options, Route::Publish)
    }

    /// Hands a command to the cluster, to be handled by one node later, when, and only if, this handler has succeeded.
    ///
    /// # Errors
    ///
    /// As for [`publish`](Self::publish); also if `command` is a query.
    pub fn enqueue<R: Request>(&self, command: R) -> Result<()> {
        self.enqueue_with(command, Options::new())
    }

    /// [`enqueue`](Self::enqueue), with options.
    ///
    /// # Errors
    ///
    /// As for [`enqueue`](Self::enqueue).
    pub fn enqueue_with<R: Request>(&self, command: R, options: Options) -> Result<()> {
        let delay = options.delay();
        self.put_out(&command, options, Route::Enqueue { delay })
    }

    fn put_out<M: Message>(&self, message: &M, options: Options, route: Route) -> Result<()> {
        self.may_write("publish or enqueue")?;
        let Some(links) = self.home.get().links() else {
            return Err(Error::unavailable(format!(
                "{} can't publish or enqueue: a mediator alone has no transport; start a node",
                self.handler
            )));
        };
        let envelope = links.seal_stored(message, Some(self), options)?;
        self.journal(|journal| journal.put_out(Outgoing { envelope, route }))
    }

    /// Refuses what a handler of this kind may not do.
    pub(crate) fn may_write(&self, what: &str) -> Result<()> {
        match self.handler.only_reads() {
            None => Ok(()),
            Some(why) => {
                let then = self.handler.remedy().map(|remedy| format!("; {remedy}")).unwrap_or_default();
                Err(Error::internal(format!("{} may not {what}: {why}{then}", self.handler)))
            }
        }
    }

    /// The journal, opened if it wasn't.
    pub(crate) fn journal<T>(&self, change: impl FnOnce(&mut Journal) -> T) -> T {
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        change(journal.get_or_insert_default())
    }

    /// What the handler wrote, at its end.
    #[inline(always)]
    pub(crate) fn take_journal(&mut self) -> Option<Box<Journal>> {
        self.journal.get_mut().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context")
            .field("handler", &self.handler)
            .field("node", &self.node())
            .field("attempt", &self.attempt())
            .finish_non_exhaustive()
    }
}
