use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many events the handlers of a node have aside, to be tried again: the node alone knows of them.
///
/// Only shown: who has room is decided by the semaphore, so this is not in `catga-interleavings`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aside(Arc<AtomicUsize>);

impl Aside {
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::Acquire)
    }

    /// Counts one more, if its handler has room for it.
    pub(super) fn room(&self, of_handler: &Arc<Semaphore>) -> Option<Room> {
        let permit = of_handler.clone().try_acquire_owned().ok()?;
        self.0.fetch_add(1, Ordering::AcqRel);
        Some(Room { count: self.0.clone(), _permit: permit })
    }
}

/// The room that one event takes aside, until this is dropped.
#[derive(Debug)]
pub(super) struct Room {
    count: Arc<AtomicUsize>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Room {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_all_handlers_are_counted_for_as_long_as_they_have_room() {
        let aside = Aside::default();
        let [one, other] = [1, 1].map(|room| Arc::new(Semaphore::new(room)));
        let first = aside.room(&one);
        assert!(first.is_some());
        assert!(aside.room(&one).is_none(), "this handler has no room for more");
        let second = aside.room(&other);
        assert_eq!(aside.count(), 2);
        drop(first);
        assert_eq!(aside.count(), 1);
        drop(second);
        assert_eq!(aside.count(), 0);
    }
}
