use std::collections::VecDeque;

use crate::envelope::Envelope;
use crate::runtime::{self, Instant};

use super::size::size_of;

/// The events that are kept, numbered in the order in which they came.
#[derive(Debug)]
pub(super) struct History {
    events: VecDeque<Kept>,
    /// The number of the first event that is kept.
    first: u64,
    bytes: usize,
    max_events: usize,
    max_bytes: usize,
}

/// An event, and since when it is kept.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) event: Envelope,
    pub(super) since: Instant,
}

impl History {
    pub(super) fn new(max_events: usize, max_bytes: usize) -> Self {
        Self { events: VecDeque::new(), first: 0, bytes: 0, max_events, max_bytes }
    }

    /// The number that the next event will get.
    pub(super) fn end(&self) -> u64 {
        self.first + self.events.len() as u64
    }

    pub(super) fn first(&self) -> u64 {
        self.first
    }

    pub(super) fn get(&self, number: u64) -> Option<&Kept> {
        let place = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.events.get(place)
    }

    pub(super) fn push(&mut self, event: Envelope) {
        self.bytes += size_of(&event);
        self.events.push_back(Kept { event, since: runtime::now() });
    }

    /// Takes the oldest event out if there is more than may be kept, with its number. The newest one is always kept.
    pub(super) fn drop_surplus(&mut self) -> Option<(u64, Envelope)> {
        let is_surplus = self.events.len() > self.max_events || self.bytes > self.max_bytes;
        if !is_surplus || self.events.len() <= 1 {
            return None;
        }
        let oldest = self.events.pop_front()?.event;
        self.bytes -= size_of(&oldest);
        self.first += 1;
        Some((self.first - 1, oldest))
    }
}
