use std::collections::VecDeque;
use std::future::pending;
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::runtime::{self, Instant};

use super::shared::Shared;

/// The events of a subscription that aren't settled yet, where the transport wants to hear of them: they may wait in a lane for long.
#[derive(Default)]
pub(super) struct Kept {
    events: VecDeque<Weak<Shared>>,
    /// How often the transport wants a sign, and when it is time for the next.
    signs: Option<(Duration, Instant)>,
}

impl Kept {
    pub(super) fn add(&mut self, event: &Arc<Shared>) {
        let Some(patience) = event.parcel().patience() else { return };
        let every = patience / 3;
        self.signs.get_or_insert_with(|| (every, runtime::after(every)));
        while self.events.front().is_some_and(|event| event.strong_count() == 0) {
            self.events.pop_front();
        }
        self.events.push_back(Arc::downgrade(event));
    }

    /// Waits until it is time to sign. Cancel safe.
    pub(super) async fn due(&self) {
        match self.signs {
            Some((_, next)) => runtime::sleep(next.saturating_duration_since(runtime::now())).await,
            None => pending().await,
        }
    }

    /// Signs for all of them.
    pub(super) async fn sign(&mut self) {
        self.events.retain(|event| event.strong_count() > 0);
        self.signs = match self.signs {
            Some((every, _)) if !self.events.is_empty() => Some((every, runtime::after(every))),
            _ => None,
        };
        for event in self.events.iter().filter_map(Weak::upgrade) {
            event.sign().await;
        }
    }
}
