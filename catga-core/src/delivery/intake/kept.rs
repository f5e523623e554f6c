use std::collections::VecDeque;
use std::future::pending;
use std::time::Duration;

use crate::runtime::{self, Instant};

use super::shared::{Seen, Shared};

/// The events of a subscription that aren't settled yet, where the transport wants to hear of them: they may wait in a lane for long.
#[derive(Default)]
pub(super) struct Kept {
    events: VecDeque<Seen>,
    /// How often the transport wants a sign, and when it is time for the next.
    signs: Option<(Duration, Instant)>,
}

impl Kept {
    pub(super) fn add(&mut self, event: &Shared) {
        let Some(patience) = event.parcel().patience() else { return };
        let every = patience / 3;
        self.signs.get_or_insert_with(|| (every, runtime::after(every)));
        while self.events.front().is_some_and(Seen::is_gone) {
            self.events.pop_front();
        }
        self.events.push_back(event.seen());
    }

    /// Waits until it is time to sign. Cancel safe.
    pub(super) async fn due(&self) {
        match self.signs {
            Some((_, next)) => runtime::sleep(next.saturating_duration_since(runtime::now())).await,
            None => pending().await,
        }
    }

    /// Signs for all of them. Not cancel safe: an event that all handlers are through with meanwhile is settled by this, or comes again.
    pub(super) async fn sign(&mut self) {
        self.events.retain(|event| !event.is_gone());
        self.signs = match self.signs {
            Some((every, _)) if !self.events.is_empty() => Some((every, runtime::after(every))),
            _ => None,
        };
        for event in self.events.iter().filter_map(Seen::get) {
            event.sign().await;
        }
    }
}
