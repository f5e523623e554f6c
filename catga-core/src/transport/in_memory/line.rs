use crate::sync::{AtomicU8, Notify, Ordering};

/// What a caller and whoever has its request share.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// One of the following.
    state: AtomicU8,
    pub(super) working: Notify,
}

const WAITING: u8 = 0;
const HANDED_OVER: u8 = 1;
const GIVEN_UP: u8 = 2;

impl Line {
    /// Whether the request is still to be handed over, and its caller waits.
    pub(super) fn is_waiting(&self) -> bool {
        self.state.load(Ordering::Acquire) == WAITING
    }

    /// The caller waits no longer. Whether no node got the request, nor ever will.
    pub(super) fn give_up(&self) -> bool {
        self.end_waiting(GIVEN_UP) != HANDED_OVER
    }

    /// A node gets the request. Whether its caller still waits.
    pub(super) fn hand_over(&self) -> bool {
        self.end_waiting(HANDED_OVER) != GIVEN_UP
    }

    /// The first of the two ways in which the waiting ends stands.
    fn end_waiting(&self, how: u8) -> u8 {
        match self.state.compare_exchange(WAITING, how, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => how,
            Err(first) => first,
        }
    }
}
