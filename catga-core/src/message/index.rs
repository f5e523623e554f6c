use std::sync::atomic::{AtomicUsize, Ordering};

/// The place of a message type in each node's tables: assigned once in a process, when it is first asked for.
///
/// Finding a handler is so an index into a slice, not a search.
#[derive(Debug)]
pub struct MessageIndex(AtomicUsize);

/// The next place; 0 means "none yet".
static NEXT: AtomicUsize = AtomicUsize::new(1);

impl MessageIndex {
    /// No place yet.
    #[doc(hidden)]
    pub const fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    /// The place, counted from 0.
    #[inline]
    pub(crate) fn get(&self) -> usize {
        match self.0.load(Ordering::Relaxed) {
            0 => self.assign(),
            place => place - 1,
        }
    }

    #[cold]
    fn assign(&self) -> usize {
        let fresh = NEXT.fetch_add(1, Ordering::Relaxed);
        // Two threads may come here at once: the first one's place stands, the other's stays unused. One step decides, on a number that guards
        // nothing else, so this is not in `catga-interleavings`.
        match self.0.compare_exchange(0, fresh, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => fresh - 1,
            Err(first) => first - 1,
        }
    }
}
