//! What the properties have in common: a service's nodes, and what handlers on them would do.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use catga_core::Kind;
use catga_core::Result;
use catga_core::codec::{BodyIdentity, BodyLimit, Codec};
use catga_core::context::{Access, DocumentKey, Journal, Outgoing, Route, Version, Write};
use catga_core::envelope::Envelope;
use catga_core::message::MessageId;
use catga_core::persistence::{
    Begun, Committed, Entry, Held, Mark, MarkName, Relay, Store, StoredAnswer, Unit, UnitId, UnitMark,
};

use super::{Limits, PersistenceHarness};

/// Long enough for a node on the machine's clock to do what it has to, short enough to be waited for.
pub(super) const LEASE: Duration = Duration::from_secs(2);
pub(super) const RETENTION: Duration = Duration::from_secs(3);
pub(super) const HANDLER: &str = "Placed/send_receipt";

/// A store, and whoever uses it.
pub(super) struct Stage<H> {
    pub(super) harness: H,
}

impl<H: PersistenceHarness> Stage<H> {
    pub(super) async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    pub(super) async fn with(limits: Limits) -> Self {
        Self { harness: H::start(limits).await }
    }

    /// A node of the service that most properties are about.
    pub(super) async fn node(&self) -> Node {
        self.node_of(self.harness.cluster(), "orders").await
    }

    pub(super) async fn node_of(&self, cluster: &str, service: &str) -> Node {
        let connection = self.harness.connect().await;
        let store = connection.persistence.open(cluster, service).await.unwrap();
        Node { store, connection: connection.number }
    }
}

/// One node's way to the store.
#[derive(Clone)]
pub(super) struct Node {
    store: Arc<dyn Store>,
    pub(super) connection: u32,
}

impl Deref for Node {
    type Target = dyn Store;

    fn deref(&self) -> &Self::Target {
        &*self.store
    }
}

impl Node {
    pub(super) async fn begin_one(&self, mark: &Mark) -> Begun {
        self.begin(std::slice::from_ref(mark), LEASE).await.unwrap().remove(0)
    }

    /// Begins what must be new.
    pub(super) async fn hold(&self, mark: &Mark) -> Held {
        match self.begin_one(mark).await {
            Begun::New { token, .. } => Held { mark: mark.clone(), token },
            other => panic!("it should be new, not {other:?}"),
        }
    }

    /// Whether it still holds this.
    pub(super) async fn holds(&self, held: &Held) -> bool {
        self.renew(std::slice::from_ref(held), LEASE).await.unwrap() == [true]
    }

    /// Commits without a mark.
    pub(super) async fn write(&self, journal: Journal) -> Result<Committed> {
        self.commit(unit(UnitMark::None, journal)).await
    }

    /// Commits what is held, with nothing written.
    pub(super) async fn end(&self, held: Held) -> Committed {
        self.commit(unit(UnitMark::Held(held), Journal::default())).await.unwrap()
    }

    /// Commits as many outgoing messages: their ids.
    pub(super) async fn put_out(&self, count: usize) -> Vec<MessageId> {
        let outgoing = Vec::from_iter((0..count).map(|_| outgoing()));
        let ids = ids(outgoing.iter());
        assert_eq!(self.write(journal([], outgoing)).await.unwrap(), Committed::Done);
        ids
    }

    /// A relay that has the outbox.
    pub(super) async fn relay(&self) -> Relay {
        let relay = Relay::new();
        assert!(self.claim(relay, LEASE).await.unwrap(), "the outbox should be free");
        relay
    }

    /// All that waits to be published now, seen by a relay that takes the outbox for a moment.
    pub(super) async fn waiting(&self) -> Vec<Entry> {
        let relay = self.relay().await;
        let entries = self.entries(relay, None, 1_000).await.unwrap();
        self.release(relay).await.unwrap();
        entries
    }

    /// The ids of [`waiting`](Self::waiting).
    pub(super) async fn waiting_ids(&self) -> Vec<MessageId> {
        ids(self.waiting().await.iter().map(|entry| &entry.outgoing))
    }

    /// The version of a document; 0 where there is none.
    pub(super) async fn version(&self, name: &str) -> Version {
        self.get("Order", name).await.unwrap().map_or(0, |stored| stored.version)
    }

    pub(super) async fn body(&self, name: &str) -> Option<Vec<u8>> {
        self.get("Order", name).await.unwrap().map(|stored| stored.body.to_vec())
    }
}

/// The mark of a message for a handler.
pub(super) fn mark(handler: &str, id: MessageId) -> Mark {
    Mark { name: MarkName::Message { handler: handler.into(), id }, identity: None, retention: RETENTION }
}

/// A mark that nobody knows.
pub(super) fn some_mark() -> Mark {
    mark(HANDLER, MessageId::new())
}

/// The mark of a caller's key.
pub(super) fn keyed(request: &str, key: &str, principal: Option<&str>, body: &str) -> Mark {
    let (request, key, principal) = (request.to_owned(), key.to_owned(), principal.map(str::to_owned));
    let identity = Some(BodyIdentity::of(body, BodyLimit::default()).unwrap());
    Mark { name: MarkName::Key { request, principal, key }, identity, retention: RETENTION }
}

pub(super) fn unit(mark: UnitMark, journal: Journal) -> Unit {
    Unit { id: UnitId::new(), mark, journal, answer: answer() }
}

/// Every value of a byte.
pub(super) fn answer() -> StoredAnswer {
    StoredAnswer::new(Vec::from_iter(0..=255)).unwrap()
}

pub(super) fn outgoing() -> Outgoing {
    let envelope = Envelope::new(MessageId::new(), "Placed", Kind::Event, Codec::MessagePack, vec![7; 10]);
    Outgoing { envelope, route: Route::Publish }
}

pub(super) fn ids<'a>(outgoing: impl Iterator<Item = &'a Outgoing>) -> Vec<MessageId> {
    outgoing.map(|outgoing| outgoing.envelope.id).collect()
}

/// Writes, of which nothing was read before, and messages.
pub(super) fn journal<const N: usize>(writes: [(&str, Write); N], outgoing: Vec<Outgoing>) -> Journal {
    let accesses = writes.map(|(name, write)| (name, Access { read: None, write: Some(write) }));
    accessing(accesses, outgoing)
}

pub(super) fn accessing<const N: usize>(accesses: [(&str, Access); N], outgoing: Vec<Outgoing>) -> Journal {
    let accesses = accesses.map(|(name, access)| (DocumentKey { collection: "Order", key: name.to_owned() }, access));
    Journal::from_parts(BTreeMap::from(accesses), outgoing).unwrap()
}
