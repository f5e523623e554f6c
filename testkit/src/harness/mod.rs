//! Tests of an application's own handlers, on real nodes over the two seams in memory.
//!
//! A [`Harness`] starts the nodes, waits until all is [quiet](Harness::quiet), and tells what was done meanwhile. It looks at the seams
//! (`watched`), so what it tells is what the nodes really did.

mod notes;
mod observer;
mod quiet;
mod watched;

pub use notes::Attempt;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use catga_core::codec::BodyLimit;
use catga_core::message::Message;
use catga_core::node::NodeBuilder;
use catga_core::persistence::{self, DeadLetter, Document, DocumentsView, Letters};
use catga_core::transport;
use catga_core::{Catga, Error, Event, Node, Request, Result};

use observer::Observer;
use watched::{WatchedHandlers, WatchedPersistence, WatchedTransport};

/// Nodes in a test, and what they do.
///
/// ```
/// use catga_core::context::Context;
/// use catga_core::{Error, Event, Result, handler, handlers};
/// use catga_testkit::Harness;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Event, Clone, Serialize, Deserialize)]
/// struct OrderPlaced { order_id: u32 }
///
/// /// The mail server is away at first.
/// #[handler(once_per = "service")]
/// async fn send_receipt(_: OrderPlaced, cx: &Context) -> Result<()> {
///     if cx.attempt() < 6 { Err(Error::unavailable("no mail today")) } else { Ok(()) }
/// }
///
/// #[tokio::main(flavor = "current_thread", start_paused = true)] // in a test: `#[tokio::test(start_paused = true)]`
/// async fn main() -> Result<()> {
///     let harness = Harness::new();
///     let node = harness.start("orders", |node| node.handlers(handlers![send_receipt])).await?;
///
///     node.publish(OrderPlaced { order_id: 7 }).await?;
///     harness.quiet().await?; // the pauses between the attempts take no time
///
///     assert_eq!(harness.handled("send_receipt"), 1);
///     assert_eq!(harness.retried("send_receipt"), 5);
///     assert!(harness.dead().await?.is_empty());
///     Ok(())
/// }
/// ```
///
/// It keeps its nodes, and notes up to 20,000 attempts and as many messages.
pub struct Harness {
    transport: transport::InMemory,
    persistence: persistence::InMemory,
    observer: Arc<Observer>,
    nodes: Mutex<Vec<Node>>,
}

impl Harness {
    /// One without nodes, on a transport and a persistence of its own.
    pub fn new() -> Self {
        Self::on(transport::InMemory::new(), persistence::InMemory::new())
    }

    /// One without nodes, on these two, which may have other limits than usual.
    pub fn on(transport: transport::InMemory, persistence: persistence::InMemory) -> Self {
        Self { transport, persistence, observer: Arc::default(), nodes: Mutex::default() }
    }

    /// Starts a node of this service, which is as `configure` says; its name is the service's with a number, from 1, if nothing else is said.
    /// All nodes of a harness are of one cluster, unless they say something else.
    ///
    /// # Errors
    ///
    /// Those of [`NodeBuilder::start`]; `Validation` if `configure` gave the node another transport or another persistence.
    pub async fn start(&self, service: &str, configure: impl FnOnce(NodeBuilder) -> NodeBuilder) -> Result<Node> {
        let (inner, observer, used) = (self.transport.clone(), self.observer.clone(), Arc::<AtomicBool>::default());
        let joined = used.clone();
        let transport = WatchedTransport { inner, observer, used };
        let (inner, observer, used) = (self.persistence.clone(), self.observer.clone(), Arc::<AtomicBool>::default());
        let opened = used.clone();
        let persistence = WatchedPersistence { inner, observer, used };
        let name = format!("{service}-{}", self.nodes().len() + 1);
        let builder = Catga::builder(service).node_name(name).transport(transport).persistence(persistence);
        let builder = builder.behavior(WatchedHandlers(self.observer.clone()));
        let node = configure(builder).start().await?;
        if !(joined.load(Ordering::Acquire) && opened.load(Ordering::Acquire)) {
            node.shutdown().await?;
            return Err(Error::validation(format!(
                "the node `{}` was given another transport or persistence, where nobody can see what it does: leave them to the harness",
                node.name()
            )));
        }
        self.nodes().push(node.clone());
        Ok(node)
    }

    /// The attempts of a handler, on all nodes, in the order in which they ended. The handler is named by its own name, or by its identity
    /// (`"OrderPlaced/send_receipt"`) where another one has that name too.
    ///
    /// # Panics
    ///
    /// No node has such a handler, or several of this name are there.
    #[track_caller]
    pub fn attempts(&self, handler: &str) -> Vec<Attempt> {
        let identity = self.identity(handler);
        let notes = self.observer.notes();
        let attempts = notes.attempts().iter();
        attempts.filter(|attempt| attempt.handler.identity() == identity).cloned().collect()
    }

    /// How many attempts of a handler have succeeded, on all nodes.
    ///
    /// After such an attempt its work is committed. If that fails since another was faster, the handler runs again, and that counts as well: for
    /// effects ask for [`documents`](Self::documents) and what was [`published`](Self::published).
    ///
    /// # Panics
    ///
    /// As for [`attempts`](Self::attempts).
    #[track_caller]
    pub fn handled(&self, handler: &str) -> usize {
        self.attempts(handler).iter().filter(|attempt| attempt.outcome.is_ok()).count()
    }

    /// How many attempts of a handler were made for a message after the first one for it.
    ///
    /// # Panics
    ///
    /// As for [`attempts`](Self::attempts).
    #[track_caller]
    pub fn retried(&self, handler: &str) -> usize {
        self.attempts(handler).iter().filter(|attempt| attempt.nth > 1).count()
    }

    /// The events of this type that were published: by handlers whose work was committed, and by nodes. Each once, in the order in which they
    /// left; what comes again doesn't count.
    ///
    /// # Panics
    ///
    /// One can't be decoded.
    #[track_caller]
    pub fn published<E: Event>(&self) -> Vec<E> {
        self.sent()
    }

    /// The commands of this type that were enqueued, likewise.
    ///
    /// # Panics
    ///
    /// One can't be decoded.
    #[track_caller]
    pub fn enqueued<R: Request>(&self) -> Vec<R> {
        self.sent()
    }

    /// What the handlers of all services have given up, the oldest first of each service; the services in the order of their names.
    ///
    /// # Errors
    ///
    /// Those of the store; one in memory has none.
    pub async fn dead(&self) -> Result<Vec<DeadLetter>> {
        let mut all = Vec::new();
        for store in self.observer.stores().values() {
            let page = store.letters(&Letters { limit: usize::MAX, ..Letters::default() }).await?;
            all.extend(page.letters.into_iter().rev());
        }
        Ok(all)
    }

    /// The documents of this type that are committed, of all services, in the order of their keys' bytes; the services in the order of their names.
    ///
    /// # Errors
    ///
    /// Those of [`DocumentsView::list`].
    pub async fn documents<T: Document>(&self) -> Result<Vec<T>> {
        const PAGE: usize = 1_000;
        let mut all = Vec::new();
        for store in self.observer.stores().into_values() {
            let view = DocumentsView::<T>::of(store);
            let mut page = view.list("", None, PAGE).await?;
            all.append(&mut page.documents);
            while let Some(next) = page.next {
                page = view.list("", Some(&next), PAGE).await?;
                all.append(&mut page.documents);
            }
        }
        Ok(all)
    }

    #[track_caller]
    fn identity(&self, handler: &str) -> String {
        let nodes = self.nodes();
        let handlers = nodes.iter().flat_map(|node| node.handlers()).copied();
        let named = handlers.filter(|info| info.name() == handler || info.identity() == handler);
        let mut identities: BTreeSet<_> = named.map(|info| info.identity()).collect();
        match (identities.pop_first(), identities.pop_first()) {
            (Some(identity), None) => identity,
            (Some(one), Some(other)) => panic!("`{handler}` is the name of `{one}` and `{other}`: give one of these"),
            (None, _) => panic!("no node of this harness has a handler `{handler}`"),
        }
    }

    #[track_caller]
    fn sent<M: Message>(&self) -> Vec<M> {
        let notes = self.observer.notes();
        let sent = notes.messages().iter().filter(|envelope| envelope.name == M::NAME && envelope.kind == M::KIND);
        let decoded: Result<_> = sent.map(|envelope| envelope.decode(BodyLimit::MAX)).collect();
        decoded.unwrap_or_else(|error| panic!("a `{}` can't be decoded: {}", M::NAME, error.chain()))
    }

    fn nodes(&self) -> MutexGuard<'_, Vec<Node>> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Harness {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Harness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Harness").field("nodes", &self.nodes()).finish_non_exhaustive()
    }
}
