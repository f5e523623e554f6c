use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::sync::Notify;

use crate::envelope::Envelope;
use crate::error::Result;

use super::Limits;
use super::history::History;
use super::stock::Stock;

/// Which member of the cluster: another with each join.
pub(super) type MemberId = u64;

/// Where one subscription stands: what it has handed out, what comes again, and what it hasn't seen.
///
/// Those who compete share one.
#[derive(Debug)]
pub(super) struct Consumer {
    /// Wakes who waits for something to take. One message wakes one; who took one and leaves more wakes the next.
    pub(super) wake: Arc<Notify>,
    source: Source,
    /// What is ready besides the history: enqueued commands, and what comes again, by its number.
    ready: BTreeMap<u64, Message>,
    in_flight: BTreeMap<Ticket, InFlight>,
    next_ticket: Ticket,
    put_off: usize,
}

#[derive(Debug)]
enum Source {
    Events(Feed),
    Commands(Stock),
}

/// Proves that one holds a delivery; never used twice by one consumer.
pub(super) type Ticket = u64;

/// A message of one subscription.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) number: u64,
    pub(super) envelope: Envelope,
    /// How many times it was handed out.
    pub(super) attempts: u32,
}

#[derive(Debug)]
struct InFlight {
    message: Message,
    holder: MemberId,
}

/// How far a subscription has read the history.
#[derive(Debug)]
struct Feed {
    events: BTreeSet<String>,
    next: u64,
    missed: u64,
    /// Where the history ended when the subscription began with it, until that was told.
    history_end: Option<u64>,
}

/// What there is to take.
pub(super) enum Taken {
    Message(HandedOut),
    CaughtUp,
    Nothing,
}

/// A message that is now in flight.
pub(super) struct HandedOut {
    pub(super) ticket: Ticket,
    pub(super) message: Message,
    /// Its place in the history, if it comes from there.
    pub(super) sequence: Option<u64>,
}

impl Consumer {
    /// One of these events, from this number on; all before `history_end`, if that is told, is history.
    pub(super) fn of_events(events: BTreeSet<String>, next: u64, missed: u64, history_end: Option<u64>) -> Self {
        Self::of(Source::Events(Feed { events, next, missed, history_end }))
    }

    /// One of the commands of one name.
    pub(super) fn of_commands() -> Self {
        Self::of(Source::Commands(Stock::new()))
    }

    fn of(source: Source) -> Self {
        let wake = Arc::default();
        Self { wake, source, ready: BTreeMap::new(), in_flight: BTreeMap::new(), next_ticket: 0, put_off: 0 }
    }

    /// Stores a command, without making it ready; `None` if it was stored before.
    pub(super) fn store(&mut self, command: Envelope, limits: &Limits) -> Result<Option<Message>> {
        match &mut self.source {
            Source::Events(_) => Ok(None),
            Source::Commands(stock) => {
                let number = stock.add(&command, limits)?;
                Ok(number.map(|number| Message { number, envelope: command, attempts: 0 }))
            }
        }
    }

    /// The events that it wants.
    pub(super) fn events(&self) -> &BTreeSet<String> {
        const NONE: &BTreeSet<String> = &BTreeSet::new();
        self.feed().map_or(NONE, |feed| &feed.events)
    }

    pub(super) fn missed(&self) -> u64 {
        self.feed().map_or(0, |feed| feed.missed)
    }

    /// An event was dropped from the history.
    pub(super) fn dropped(&mut self, number: u64) {
        if let Source::Events(feed) = &mut self.source
            && feed.next <= number
        {
            feed.missed += 1;
            feed.next = number + 1;
        }
    }

    fn feed(&self) -> Option<&Feed> {
        match &self.source {
            Source::Events(feed) => Some(feed),
            Source::Commands(_) => None,
        }
    }

    /// Hands out what is next.
    pub(super) fn take(&mut self, history: &History, holder: MemberId, max_put_off: usize) -> Taken {
        if self.put_off >= max_put_off && self.ready.is_empty() {
            return Taken::Nothing;
        }
        let mut message = match self.ready.pop_first() {
            Some((_, message)) => message,
            None => match self.advance(history) {
                Fed::Event(number, envelope) => Message { number, envelope, attempts: 0 },
                Fed::CaughtUp => return Taken::CaughtUp,
                Fed::Nothing => return Taken::Nothing,
            },
        };
        message.attempts = message.attempts.saturating_add(1);
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.in_flight.insert(ticket, InFlight { message: message.clone(), holder });
        let sequence = self.feed().map(|_| message.number);
        Taken::Message(HandedOut { ticket, message, sequence })
    }

    /// Whether there may be something to take.
    pub(super) fn has_more(&self, history: &History) -> bool {
        !self.ready.is_empty() || self.feed().is_some_and(|feed| feed.next < history.end())
    }

    fn advance(&mut self, history: &History) -> Fed {
        match &mut self.source {
            Source::Events(feed) => feed.advance(history),
            Source::Commands(_) => Fed::Nothing,
        }
    }

    /// Makes a message ready.
    pub(super) fn ready(&mut self, message: Message) {
        self.ready.insert(message.number, message);
        self.wake.notify_one();
    }

    /// Ends a delivery for good; whether it was still held.
    pub(super) fn settle(&mut self, ticket: Ticket) -> bool {
        let Some(message) = self.release(ticket) else { return false };
        if let Source::Commands(stock) = &mut self.source {
            stock.remove(&message.envelope);
        }
        true
    }

    /// Takes a message out of those in flight; `None` if it isn't there any longer.
    pub(super) fn release(&mut self, ticket: Ticket) -> Option<Message> {
        self.in_flight.remove(&ticket).map(|in_flight| in_flight.message)
    }

    pub(super) fn is_held(&self, ticket: Ticket) -> bool {
        self.in_flight.contains_key(&ticket)
    }

    /// Makes everything ready that a member who is gone had in flight.
    pub(super) fn take_back(&mut self, gone: MemberId) {
        let in_flight = std::mem::take(&mut self.in_flight);
        let (lost, kept) = in_flight.into_iter().partition(|(_, in_flight)| in_flight.holder == gone);
        self.in_flight = kept;
        self.ready.extend(BTreeMap::into_values(lost).map(|InFlight { message, .. }| (message.number, message)));
        if !self.ready.is_empty() {
            self.wake.notify_one();
        }
    }

    /// Puts a message off; `None` if it isn't held any longer.
    pub(super) fn put_off(&mut self, ticket: Ticket) -> Option<Message> {
        let message = self.release(ticket)?;
        self.put_off += 1;
        Some(message)
    }

    /// A message that was put off is ready again.
    pub(super) fn come_again(&mut self, message: Message) {
        self.put_off = self.put_off.saturating_sub(1);
        self.ready(message);
    }
}

enum Fed {
    Event(u64, Envelope),
    CaughtUp,
    Nothing,
}

impl Feed {
    /// Goes on to the next event that it wants, stopping where the history ended.
    fn advance(&mut self, history: &History) -> Fed {
        self.next = self.next.max(history.first());
        loop {
            if self.history_end.is_some_and(|end| self.next >= end) {
                self.history_end = None;
                return Fed::CaughtUp;
            }
            let Some(event) = history.get(self.next) else { return Fed::Nothing };
            self.next += 1;
            if self.events.contains(&*event.name) {
                return Fed::Event(self.next - 1, event.clone());
            }
        }
    }
}
