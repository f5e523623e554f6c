use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::sync::Notify;

use crate::envelope::Envelope;
use crate::error::Result;
use crate::runtime::{self, Instant};

use super::Limits;
use super::backlog::Counts;
use super::history::{History, Kept};
use super::stock::Stock;

/// Which member of the cluster: another with each join.
pub(super) type MemberId = u64;

/// Where one subscription stands: what it has handed out, what comes again, and what it hasn't seen.
///
/// Those who compete share one.
#[derive(Debug)]
pub(super) struct Consumer {
    /// Wakes who waits for something to take. One message wakes one; who took one and leaves more wakes the next. All are woken when they
    /// have to look sooner than they knew.
    pub(super) wake: Arc<Notify>,
    source: Source,
    /// What is ready besides the history: enqueued commands, and what comes again, by its number.
    ready: BTreeMap<u64, Message>,
    /// What gets ready later, by when, and by its number. It is here and not with whoever put it off, whose end must not be its own.
    later: BTreeMap<(Instant, u64), Message>,
    in_flight: BTreeMap<Ticket, InFlight>,
    next_ticket: Ticket,
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
    /// Since when it could be handed out.
    pub(super) since: Instant,
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
    /// Nothing, until somebody is woken, or until this moment.
    Nothing(Option<Instant>),
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
        let (ready, later, in_flight) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { wake, source, ready, later, in_flight, next_ticket: 0 }
    }

    /// Stores a command, without making it ready; `None` if it was stored before.
    pub(super) fn store(&mut self, command: Envelope, limits: &Limits) -> Result<Option<Message>> {
        match &mut self.source {
            Source::Events(_) => Ok(None),
            Source::Commands(stock) => {
                let number = stock.add(&command, limits)?;
                Ok(number.map(|number| Message { number, envelope: command, attempts: 0, since: runtime::now() }))
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

    /// Hands out what is next. Nothing new comes while as many as `max_put_off` are put off.
    pub(super) fn take(&mut self, history: &History, holder: MemberId, max_put_off: usize) -> Taken {
        self.fall_due();
        let next = match self.ready.pop_first() {
            Some((_, message)) => Fed::Message(message),
            None if self.later.len() >= max_put_off => Fed::Nothing,
            None => self.advance(history),
        };
        let mut message = match next {
            Fed::Message(message) => message,
            Fed::CaughtUp => return Taken::CaughtUp,
            Fed::Nothing => return Taken::Nothing(self.later.keys().next().map(|(due, _)| *due)),
        };
        message.attempts = message.attempts.saturating_add(1);
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.in_flight.insert(ticket, InFlight { message: message.clone(), holder });
        let sequence = self.feed().map(|_| message.number);
        Taken::Message(HandedOut { ticket, message, sequence })
    }

    /// How many messages are in which state.
    pub(super) fn counts(&self, history: &History) -> Counts {
        let unread = self.feed().map_or(0, |feed| feed.unread(history));
        Counts { waiting: self.ready.len() + unread, in_flight: self.in_flight.len(), put_off: self.later.len() }
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

    /// Makes a message ready when this moment has come.
    pub(super) fn ready_at(&mut self, due: Instant, message: Message) {
        let key = (due, message.number);
        self.later.insert(key, message);
        if self.later.first_key_value().is_some_and(|(first, _)| *first == key) {
            self.wake.notify_waiters();
        }
    }

    /// Makes ready what is due.
    fn fall_due(&mut self) {
        if self.later.is_empty() {
            return;
        }
        let now = runtime::now();
        while let Some(first) = self.later.first_entry()
            && first.key().0 <= now
        {
            let message = first.remove();
            self.ready.insert(message.number, message);
        }
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

    /// Puts a message off; whether it was still held.
    pub(super) fn put_off(&mut self, ticket: Ticket, until: Instant) -> bool {
        let Some(message) = self.release(ticket) else { return false };
        self.ready_at(until, message);
        true
    }
}

enum Fed {
    Message(Message),
    CaughtUp,
    Nothing,
}

impl Feed {
    /// How many events it wants that it hasn't come to yet.
    fn unread(&self, history: &History) -> usize {
        let ahead = (self.next.max(history.first())..history.end()).filter_map(|number| history.get(number));
        ahead.filter(|kept| self.events.contains(&*kept.event.name)).count()
    }

    /// Goes on to the next event that it wants, stopping where the history ended.
    fn advance(&mut self, history: &History) -> Fed {
        self.next = self.next.max(history.first());
        loop {
            if self.history_end.is_some_and(|end| self.next >= end) {
                self.history_end = None;
                return Fed::CaughtUp;
            }
            let Some(Kept { event, since }) = history.get(self.next) else { return Fed::Nothing };
            self.next += 1;
            if self.events.contains(&*event.name) {
                let (number, envelope) = (self.next - 1, event.clone());
                return Fed::Message(Message { number, envelope, attempts: 0, since: *since });
            }
        }
    }
}
