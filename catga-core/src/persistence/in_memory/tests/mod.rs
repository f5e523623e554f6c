//! Named as the properties that each persistence has to show.

mod dead_letters;
mod inbox;
mod outbox;
mod pauses;
mod positions;
mod retries;
mod unit;

use std::sync::Arc;
use std::time::Duration;

use crate::codec::Codec;
use crate::context::{DocumentKey, Journal, Outgoing, Route, Version, Write};
use crate::envelope::Envelope;
use crate::message::{Kind, MessageId};
use crate::runtime;

use super::super::{
    Begun, Committed, Held, Mark, MarkName, Persistence, Relay, Store, StoredAnswer, Unit, UnitId, UnitMark,
};
use super::{InMemory, Limits};

const SECOND: Duration = Duration::from_secs(1);
const LEASE: Duration = Duration::from_secs(3);
const RETENTION: Duration = Duration::from_secs(60);

async fn store() -> Arc<dyn Store> {
    store_with(Limits::default()).await
}

async fn store_with(limits: Limits) -> Arc<dyn Store> {
    InMemory::with_limits(limits).open("test", "orders").await.unwrap()
}

fn mark(handler: &str, id: MessageId) -> Mark {
    Mark { name: MarkName::Message { handler: handler.into(), id }, identity: None, retention: RETENTION }
}

fn some_mark() -> Mark {
    mark("Placed/send_receipt", MessageId::new())
}

async fn begin(store: &Arc<dyn Store>, mark: &Mark) -> Begun {
    store.begin(std::slice::from_ref(mark), LEASE).await.unwrap().remove(0)
}

async fn hold(store: &Arc<dyn Store>, mark: &Mark) -> Held {
    match begin(store, mark).await {
        Begun::New { token, .. } => Held { mark: mark.clone(), token },
        other => panic!("it should be new, not {other:?}"),
    }
}

fn key(key: &str) -> DocumentKey {
    DocumentKey { collection: "Order", key: key.to_owned() }
}

fn writes<const N: usize>(writes: [(&str, Write); N]) -> Journal {
    let mut journal = Journal::default();
    for (name, write) in writes {
        match write {
            Write::Insert(body) => journal.insert(key(name), body).unwrap(),
            Write::Update(body) => journal.update(key(name), body).unwrap(),
            Write::Remove => journal.remove(key(name)).unwrap(),
            Write::Put(body) => {
                journal.remove(key(name)).unwrap();
                journal.insert(key(name), body).unwrap();
            }
        }
    }
    journal
}

fn having_read(mut journal: Journal, name: &str, version: Version) -> Journal {
    journal.saw(key(name), version).unwrap();
    journal
}

fn outgoing() -> Outgoing {
    let envelope = Envelope::new(MessageId::new(), "Placed", Kind::Event, Codec::MessagePack, vec![7; 10]);
    Outgoing { envelope, route: Route::Publish }
}

fn putting_out(mut journal: Journal, count: usize) -> Journal {
    for _ in 0..count {
        journal.put_out(outgoing()).unwrap();
    }
    journal
}

/// All that waits to be published now, by one relay that takes the outbox each time.
async fn waiting(store: &Arc<dyn Store>) -> Vec<MessageId> {
    let relay = Relay::new();
    assert!(store.claim(relay, LEASE).await.unwrap());
    let entries = store.entries(relay, None, 1_000).await.unwrap();
    store.release(relay).await.unwrap();
    entries.iter().map(|entry| entry.outgoing.envelope.id).collect()
}

fn unit(mark: UnitMark, journal: Journal) -> Unit {
    Unit { id: UnitId::new(), mark, journal, answer: answer(1) }
}

fn answer(byte: u8) -> StoredAnswer {
    StoredAnswer::new(vec![byte; 10]).unwrap()
}

async fn commit(store: &Arc<dyn Store>, journal: Journal) -> crate::Result<Committed> {
    store.commit(unit(UnitMark::None, journal)).await
}

async fn version(store: &Arc<dyn Store>, name: &str) -> Version {
    store.get("Order", name).await.unwrap().map_or(0, |stored| stored.version)
}
