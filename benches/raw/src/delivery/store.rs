use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::{Notify, mpsc};
use uuid::Uuid;

use super::messages::Leaving;

/// How long a message may be handled before another may begin it.
const LEASE: Duration = Duration::from_secs(3);
/// How long it is remembered that it was done.
const KEEP: Duration = Duration::from_secs(8 * 24 * 60 * 60);
/// How many events leave at once.
const BATCH: usize = 256;

/// The handlers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Handler {
    PlaceOrder,
}

/// A message, for one handler.
pub(super) type Mark = (Handler, Uuid);

/// Inbox, documents and outbox.
#[derive(Debug, Default)]
pub(super) struct Store {
    state: Mutex<State>,
    outbox_grew: Notify,
}

#[derive(Debug, Default)]
struct State {
    inbox: HashMap<Mark, Record>,
    /// All are kept equally long, so the first done is the first to be forgotten.
    forgetting: VecDeque<(Instant, Mark)>,
    documents: HashMap<u64, Stored>,
    outbox: VecDeque<Leaving>,
    last_token: u64,
    last_version: u64,
}

#[derive(Debug)]
enum Record {
    Busy { token: u64, until: Instant },
    Done(Bytes),
}

#[derive(Debug)]
#[expect(dead_code, reason = "kept for whoever would read it")]
struct Stored {
    version: u64,
    body: Vec<u8>,
}

/// What came of beginning a message.
pub(super) enum Begun {
    New(u64),
    Busy,
    #[expect(dead_code, reason = "for whoever would wait for it")]
    Done(Bytes),
}

/// What one run wrote.
pub(super) struct Unit {
    pub(super) key: u64,
    pub(super) document: Vec<u8>,
    pub(super) event: Leaving,
    pub(super) answer: Vec<u8>,
}

impl Store {
    pub(super) fn begin(&self, mark: Mark) -> Begun {
        let now = Instant::now();
        let mut state = self.lock();
        state.forget(now);
        match state.inbox.get(&mark) {
            Some(Record::Done(answer)) => return Begun::Done(answer.clone()),
            Some(Record::Busy { until, .. }) if *until > now => return Begun::Busy,
            _ => {}
        }
        state.last_token += 1;
        let token = state.last_token;
        state.inbox.insert(mark, Record::Busy { token, until: now + LEASE });
        Begun::New(token)
    }

    /// Writes document, event and answer as one, if the mark is still held and the document is new; whether it did.
    pub(super) fn commit(&self, mark: Mark, token: u64, unit: Unit) -> bool {
        let now = Instant::now();
        let mut guard = self.lock();
        let state = &mut *guard;
        let Some(record) = state.inbox.get_mut(&mark) else { return false };
        if !matches!(record, Record::Busy { token: held, until } if *held == token && *until > now) {
            return false;
        }
        let Unit { key, document, event, answer } = unit;
        let std::collections::hash_map::Entry::Vacant(entry) = state.documents.entry(key) else { return false };
        state.last_version += 1;
        entry.insert(Stored { version: state.last_version, body: document });
        state.outbox.push_back(event);
        *record = Record::Done(answer.into());
        state.forgetting.push_back((now + KEEP, mark));
        drop(guard);
        self.outbox_grew.notify_one();
        true
    }

    /// The oldest events, which stay until they are settled.
    fn waiting(&self) -> Vec<Leaving> {
        self.lock().outbox.iter().take(BATCH).cloned().collect()
    }

    /// So many of the oldest have left.
    fn settle(&self, events: usize) {
        self.lock().outbox.drain(..events);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn forget(&mut self, now: Instant) {
        while let Some((due, mark)) = self.forgetting.front()
            && *due <= now
        {
            self.inbox.remove(mark);
            self.forgetting.pop_front();
        }
    }
}

/// Publishes what is in the outbox, in its order.
pub(super) async fn relay(store: Arc<Store>, publish: mpsc::Sender<Leaving>) {
    loop {
        let batch = store.waiting();
        if batch.is_empty() {
            store.outbox_grew.notified().await;
            continue;
        }
        let count = batch.len();
        for event in batch {
            if publish.send(event).await.is_err() {
                return;
            }
        }
        store.settle(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(key: u64) -> Unit {
        let event = Leaving { id: Uuid::nil(), correlation: Uuid::nil(), causation: Uuid::nil(), body: Bytes::new() };
        Unit { key, document: Vec::new(), event, answer: Vec::new() }
    }

    #[test]
    fn a_message_is_done_once_and_by_who_began_it() {
        let (store, mark) = (Store::default(), (Handler::PlaceOrder, Uuid::now_v7()));
        let Begun::New(token) = store.begin(mark) else { panic!("nobody has begun it") };
        assert!(matches!(store.begin(mark), Begun::Busy));
        assert!(!store.commit(mark, token + 1, unit(7)), "by somebody else");
        assert!(store.commit(mark, token, unit(7)));
        assert!(matches!(store.begin(mark), Begun::Done(_)));
        assert_eq!(store.waiting().len(), 1);
        store.settle(1);
        assert!(store.waiting().is_empty());
    }

    #[test]
    fn a_document_is_inserted_once() {
        let store = Store::default();
        let outcomes = [7, 7].map(|key| {
            let mark = (Handler::PlaceOrder, Uuid::now_v7());
            let Begun::New(token) = store.begin(mark) else { panic!("nobody has begun it") };
            store.commit(mark, token, unit(key))
        });
        assert_eq!(outcomes, [true, false]);
    }
}
