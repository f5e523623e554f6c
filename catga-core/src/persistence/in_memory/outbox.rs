use std::collections::BTreeMap;
use std::ops::Bound;
use std::time::Duration;

use crate::context::Outgoing;
use crate::error::{Error, Result};
use crate::runtime::{self, Instant};

use super::super::{Entry, EntryId, Relay};
use super::Limits;

/// What waits to be published, at once or later, and who may publish it.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    entries: BTreeMap<EntryId, Outgoing>,
    /// What becomes an entry when it is due; what is due at once in the order in which it came.
    put_off: BTreeMap<(Instant, u64), Outgoing>,
    last_put_off: u64,
    /// Of both.
    bytes: usize,
    last: u128,
    holder: Option<(Relay, Instant)>,
}

impl Waiting {
    pub(super) fn claim(&mut self, relay: Relay, lease: Duration) -> bool {
        let now = runtime::now();
        match self.holder {
            Some((holder, until)) if holder != relay && until > now => false,
            _ => {
                self.holder = Some((relay, runtime::later(now, lease)));
                true
            }
        }
    }

    pub(super) fn release(&mut self, relay: Relay) {
        if self.is_held_by(relay) {
            self.holder = None;
        }
    }

    pub(super) fn entries(&mut self, relay: Relay, after: Option<EntryId>, limit: usize) -> Vec<Entry> {
        if !self.is_held_by(relay) {
            return Vec::new();
        }
        self.add_due();
        let behind = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let entries = self.entries.range(behind).take(limit);
        entries.map(|(id, outgoing)| Entry { id: *id, outgoing: outgoing.clone() }).collect()
    }

    pub(super) fn settle(&mut self, relay: Relay, settled: &[EntryId]) {
        if !self.is_held_by(relay) {
            return;
        }
        for id in settled {
            if let Some(outgoing) = self.entries.remove(id) {
                self.bytes -= size_of(&outgoing);
            }
        }
    }

    pub(super) fn has_after(&mut self, after: Option<EntryId>) -> bool {
        self.add_due();
        self.entries.last_key_value().is_some_and(|(last, _)| after.is_none_or(|after| *last > after))
    }

    /// How full it is, from 0 to 1.
    pub(super) fn fullness(&self, limits: &Limits) -> f32 {
        let part = |used: usize, limit: usize| if limit == 0 { 1.0 } else { used as f32 / limit as f32 };
        part(self.len(), limits.outbox).max(part(self.bytes, limits.outbox_bytes))
    }

    pub(super) fn check(&self, outgoing: &[Outgoing], limits: &Limits) -> Result<()> {
        let bytes: usize = outgoing.iter().map(size_of).sum();
        let fits = self.len() + outgoing.len() <= limits.outbox && self.bytes + bytes <= limits.outbox_bytes;
        if outgoing.is_empty() || fits {
            return Ok(());
        }
        Err(Error::outbox_full(format!("the outbox is full: {} messages, {} bytes", self.len(), self.bytes)))
    }

    /// Adds what was checked.
    pub(super) fn add(&mut self, outgoing: Vec<Outgoing>) {
        self.add_due();
        for outgoing in outgoing {
            self.bytes += size_of(&outgoing);
            self.add_one(outgoing);
        }
    }

    /// Keeps what was checked until it is due.
    pub(super) fn put_off(&mut self, outgoing: Outgoing, delay: Duration) {
        self.last_put_off += 1;
        self.bytes += size_of(&outgoing);
        self.put_off.insert((runtime::after(delay), self.last_put_off), outgoing);
    }

    /// When the next one that was put off is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.put_off.first_key_value().map(|((due, _), _)| *due)
    }

    fn add_due(&mut self) {
        while let Some(first) = self.put_off.first_entry()
            && first.key().0 <= runtime::now()
        {
            let outgoing = first.remove();
            self.add_one(outgoing);
        }
    }

    fn add_one(&mut self, outgoing: Outgoing) {
        self.last += 1;
        self.entries.insert(EntryId(self.last), outgoing);
    }

    fn len(&self) -> usize {
        self.entries.len() + self.put_off.len()
    }

    fn is_held_by(&self, relay: Relay) -> bool {
        self.holder.is_some_and(|(holder, until)| holder == relay && until > runtime::now())
    }
}

/// About how many bytes a message takes; the texts in its headers are small beside their own limits.
fn size_of(outgoing: &Outgoing) -> usize {
    const HEADERS: usize = 512;
    HEADERS + outgoing.envelope.name.len() + outgoing.envelope.body.len()
}
