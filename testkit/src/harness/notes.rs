use std::collections::{BTreeMap, BTreeSet};

use catga_core::Result;
use catga_core::envelope::Envelope;
use catga_core::handler::HandlerInfo;
use catga_core::message::MessageId;

/// How many attempts, and how many messages, a harness notes.
pub(super) const MOST: usize = 20_000;

/// One run of one handler for one message, as a [`Harness`](super::Harness) has seen it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// The service of the node that made it.
    pub service: String,
    /// The node that made it.
    pub node: String,
    /// The handler.
    pub handler: &'static HandlerInfo,
    /// The message.
    pub message: MessageId,
    /// Which one it was for this message, from 1, as [`Context::attempt`](catga_core::context::Context::attempt) says it.
    pub nth: u32,
    /// What came of the run, behaviors included; whether it was committed then is another question.
    pub outcome: Result<()>,
}

/// What was seen, in the order in which it was.
#[derive(Default)]
pub(super) struct Notes {
    attempts: Vec<Attempt>,
    /// How many of each handler's runs haven't ended, by node.
    running: BTreeMap<(String, String), usize>,
    messages: Vec<Envelope>,
    delivery_ids: BTreeSet<MessageId>,
    /// What the transport refused and hasn't taken since, and why.
    refused: BTreeMap<MessageId, String>,
    is_full: bool,
}

impl Notes {
    pub(super) fn begun(&mut self, attempt: &Attempt) {
        *self.running.entry(place(attempt)).or_default() += 1;
    }

    pub(super) fn ended(&mut self, attempt: Attempt) {
        let place = place(&attempt);
        if let Some(running) = self.running.get_mut(&place) {
            *running -= 1;
            if *running == 0 {
                self.running.remove(&place);
            }
        }
        if self.has_room_after(self.attempts.len()) {
            self.attempts.push(attempt);
        }
    }

    /// The transport was given a message. One that comes again for one handler alone was there before.
    pub(super) fn left(&mut self, envelope: Envelope, outcome: &Result<()>) {
        let id = envelope.delivery_id();
        if let Err(error) = outcome {
            self.refused.insert(id, format!("the transport refused `{}`: {error}", envelope.name));
            return;
        }
        self.refused.remove(&id);
        let is_new = envelope.headers().only_for.is_none() && !self.delivery_ids.contains(&id);
        if is_new && self.has_room_after(self.messages.len()) {
            self.delivery_ids.insert(id);
            self.messages.push(envelope);
        }
    }

    /// Whether more was seen than was noted.
    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }

    pub(super) fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// The messages that the transport has taken, events and commands, each once.
    pub(super) fn messages(&self) -> &[Envelope] {
        &self.messages
    }

    /// What runs now, for people.
    pub(super) fn running(&self) -> Vec<String> {
        let running = self.running.iter();
        running.map(|((node, handler), count)| format!("{handler} on `{node}`: {count} running")).collect()
    }

    /// What goes wrong, for people: each handler's last failure unless it has succeeded since, and what the transport refused.
    pub(super) fn troubles(&self) -> Vec<String> {
        let mut failures = BTreeMap::new();
        for attempt in &self.attempts {
            match &attempt.outcome {
                Ok(()) => failures.remove(&place(attempt)),
                Err(error) => failures.insert(place(attempt), (attempt.nth, error)),
            };
        }
        let failures = failures.into_iter();
        let failures = failures
            .map(|((node, handler), (nth, error))| format!("{handler} on `{node}` failed at attempt {nth}: {error}"));
        failures.chain(self.refused.values().cloned()).collect()
    }

    fn has_room_after(&mut self, count: usize) -> bool {
        self.is_full |= count >= MOST;
        count < MOST
    }
}

fn place(attempt: &Attempt) -> (String, String) {
    (attempt.node.clone(), format!("`{}` for `{}`", attempt.handler.name(), attempt.handler.message()))
}
