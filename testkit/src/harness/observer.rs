use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use catga_core::persistence::Store;
use tokio::sync::watch;

use super::notes::Notes;

/// What is seen of the nodes of a harness, and a sign with each thing that changes.
///
/// Whoever moves a message from one place to another gives the sign before and after. So who has looked at all places, one after the other, and
/// was given no sign meanwhile, has missed nothing that was on its way from one he hadn't looked at yet to one he had.
#[derive(Default)]
pub(super) struct Observer {
    notes: Mutex<Notes>,
    stores: Mutex<BTreeMap<String, Arc<dyn Store>>>,
    signs: watch::Sender<u64>,
}

impl Observer {
    /// What was noted so far.
    pub(super) fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes something, and gives the sign.
    pub(super) fn change(&self, note: impl FnOnce(&mut Notes)) {
        note(&mut self.notes());
        self.moved();
    }

    /// A service's store was opened.
    pub(super) fn opened(&self, service: &str, store: &Arc<dyn Store>) {
        self.all_stores().insert(service.to_owned(), store.clone());
    }

    /// The stores, by their services' names.
    pub(super) fn stores(&self) -> BTreeMap<String, Arc<dyn Store>> {
        self.all_stores().clone()
    }

    /// The signs from now on.
    pub(super) fn signs(&self) -> watch::Receiver<u64> {
        self.signs.subscribe()
    }

    /// Gives the sign.
    pub(super) fn moved(&self) {
        self.signs.send_modify(|count| *count += 1);
    }

    /// Gives the sign now, and once more when the value is dropped.
    pub(super) fn moving(self: &Arc<Self>) -> Moving {
        self.moved();
        Moving(self.clone())
    }

    fn all_stores(&self) -> MutexGuard<'_, BTreeMap<String, Arc<dyn Store>>> {
        self.stores.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A message that is on its way.
pub(super) struct Moving(Arc<Observer>);

impl Moving {
    /// Gives the sign once more.
    pub(super) fn moved(&self) {
        self.0.moved();
    }
}

impl Drop for Moving {
    fn drop(&mut self) {
        self.0.moved();
    }
}
