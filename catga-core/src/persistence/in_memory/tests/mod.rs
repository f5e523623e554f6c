//! What is this persistence's own: to the moment, and to the byte. What each persistence has to show is the conformance suite's.

mod letters;
mod limits;
mod marks;

use std::sync::Arc;
use std::time::Duration;

use crate::codec::Codec;
use crate::context::{DocumentKey, Journal, Outgoing, Route, Write};
use crate::envelope::Envelope;
use crate::error::{Code, Error};
use crate::message::{Kind, MessageId};

use super::super::{
    Begun, Committed, DeadLetter, Held, LetterId, Mark, MarkName, Persistence, Store, StoredAnswer, Unit, UnitId,
    UnitMark,
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

fn unit(mark: UnitMark, journal: Journal) -> Unit {
    Unit { id: UnitId::new(), mark, journal, answer: answer(1) }
}

fn answer(byte: u8) -> StoredAnswer {
    StoredAnswer::new(vec![byte; 10]).unwrap()
}

async fn commit(store: &Arc<dyn Store>, journal: Journal) -> crate::Result<Committed> {
    store.commit(unit(UnitMark::None, journal)).await
}

/// A letter of a message for `Placed/send_receipt`.
fn letter(message: MessageId) -> DeadLetter {
    let envelope = Envelope::new(message, "Placed", Kind::Event, Codec::MessagePack, vec![0, 255]);
    let id = LetterId { handler: "Placed/send_receipt".to_owned(), node: None, message };
    let error = &Error::validation("no items").with_source(Error::internal("the list is empty"));
    DeadLetter { id, envelope, error: error.into(), attempts: 3, first: 1, last: 1, node: "front-1".to_owned() }
}

/// A letter that is buried under a mark of its message.
async fn buried(store: &Arc<dyn Store>) -> (DeadLetter, Held) {
    let letter = letter(MessageId::new());
    let held = hold(store, &mark(&letter.id.handler, letter.id.message)).await;
    assert!(store.bury(letter.clone(), Some(&held)).await.unwrap());
    (letter, held)
}
