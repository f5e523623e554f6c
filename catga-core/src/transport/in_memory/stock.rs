use std::collections::HashMap;

use crate::envelope::Envelope;
use crate::error::{Error, Result};
use crate::message::MessageId;
use crate::recent::Recent;

use super::Limits;
use super::cluster::WINDOW;
use super::size::size_of;

/// The commands of one name, until they are settled.
#[derive(Debug)]
pub(super) struct Stock {
    sizes: HashMap<MessageId, usize>,
    bytes: usize,
    seen: Recent<MessageId, ()>,
    next_number: u64,
}

impl Stock {
    pub(super) fn new() -> Self {
        Self { sizes: HashMap::new(), bytes: 0, seen: Recent::new(WINDOW), next_number: 0 }
    }

    /// Makes place for a command; its number, or `None` if it was stored before.
    ///
    /// # Errors
    ///
    /// There is no place.
    pub(super) fn add(&mut self, command: &Envelope, limits: &Limits) -> Result<Option<u64>> {
        let id = command.delivery_id();
        if self.sizes.contains_key(&id) || self.seen.get(&id).is_some() {
            return Ok(None);
        }
        let size = size_of(command);
        if self.sizes.len() >= limits.work || self.bytes + size > limits.work_bytes {
            return Err(Error::unavailable(format!(
                "the queue of `{}` is full: {} commands, {} bytes",
                command.name,
                self.sizes.len(),
                self.bytes
            )));
        }
        self.seen.remember(id, ());
        self.sizes.insert(id, size);
        self.bytes += size;
        self.next_number += 1;
        Ok(Some(self.next_number))
    }

    /// A command is settled.
    pub(super) fn remove(&mut self, command: &Envelope) {
        if let Some(size) = self.sizes.remove(&command.delivery_id()) {
            self.bytes -= size;
        }
    }
}
