use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use catga_core::envelope::Envelope;
use catga_core::message::MessageId;
use catga_core::runtime::{self, Instant};
use catga_core::transport::{Delivery, InMemory};
use catga_core::{Error, Result};

use crate::world::{Fault, Life, OUTSIDE, World};

/// The broker: what it has handed out and not heard of, and what it remembers to have stored.
pub(crate) struct Broker {
    pub(super) world: Arc<World>,
    pub(super) inner: InMemory,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    out: BTreeMap<u64, Out>,
    next: u64,
    /// When each delivery id was stored last.
    stored: BTreeMap<MessageId, Instant>,
    /// Copies that the in-memory transport takes for other deliveries, and the delivery id that they came with.
    copies: BTreeMap<MessageId, Option<MessageId>>,
    dead: Vec<GivenUp>,
    twice: Vec<Envelope>,
}

/// A delivery that was given up.
#[derive(Clone, Debug)]
pub(crate) struct GivenUp {
    pub(crate) envelope: Envelope,
    pub(crate) reason: String,
}

/// A delivery that was handed out.
struct Out {
    life: Life,
    subscription: Arc<str>,
    delivery: Delivery,
    heard: Instant,
    /// Whether no sign of it gets through.
    is_deaf: bool,
}

impl Broker {
    /// A broker that nobody has joined yet.
    pub(crate) fn start(world: &Arc<World>) -> Arc<Self> {
        let broker = Arc::new(Self { world: world.clone(), inner: InMemory::new(), state: Mutex::default() });
        let looking = broker.clone().look_for_silence();
        world.within(OUTSIDE, || runtime::spawn(looking));
        broker
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn patience(&self) -> Duration {
        Duration::from_millis(self.world.profile.patience)
    }

    /// How many deliveries are handed out.
    pub(crate) fn handed_out(&self) -> usize {
        self.state().out.len()
    }

    /// What was given up.
    pub(crate) fn given_up(&self) -> Vec<GivenUp> {
        self.state().dead.clone()
    }

    /// What was stored once more.
    pub(crate) fn stored_twice(&self) -> Vec<Envelope> {
        self.state().twice.clone()
    }

    pub(super) fn give_up(&self, envelope: Envelope, reason: &str) {
        self.state().dead.push(GivenUp { envelope, reason: reason.to_owned() });
    }

    /// Notes that a delivery is handed out; the number of its entry.
    pub(super) fn hand_out(&self, life: Life, subscription: &Arc<str>, delivery: Delivery) -> u64 {
        let is_deaf = self.world.strikes(life, Fault::Unheard, self.world.profile.unheard);
        let state = &mut *self.state();
        state.next += 1;
        let out = Out { life, subscription: subscription.clone(), delivery, heard: runtime::now(), is_deaf };
        state.out.insert(state.next, out);
        state.next
    }

    /// The broker hears that somebody works on a delivery.
    ///
    /// # Errors
    ///
    /// It was given away.
    pub(super) fn hear(&self, number: u64) -> Result<()> {
        match self.state().out.get_mut(&number) {
            Some(out) if out.is_deaf => Err(Error::unavailable("simulated: the sign is lost")),
            Some(out) => {
                out.heard = runtime::now();
                Ok(())
            }
            None => Err(given_away()),
        }
    }

    /// The delivery of an entry, which ends.
    ///
    /// # Errors
    ///
    /// It was given away.
    pub(super) fn end(&self, number: u64) -> Result<Delivery> {
        self.state().out.remove(&number).map(|out| out.delivery).ok_or_else(given_away)
    }

    /// The message of an entry.
    pub(super) fn envelope_of(&self, number: u64) -> Option<Envelope> {
        self.state().out.get(&number).map(|out| out.delivery.envelope().clone())
    }

    /// Another delivery of what is stored under the same delivery id, to the same subscription, if one is handed out: a broker that can't
    /// tell takes a late settlement for its own.
    pub(super) fn end_another(&self, subscription: &str, stored: MessageId) -> Option<Delivery> {
        let state = &mut *self.state();
        let other = |(_, out): &(&u64, &Out)| {
            *out.subscription == *subscription && out.delivery.envelope().delivery_id() == stored
        };
        let number = *state.out.iter().find(other)?.0;
        state.out.remove(&number).map(|out| out.delivery)
    }

    /// Gives a delivery to whoever comes next, though nothing was said of it.
    pub(super) fn give_away(&self, number: u64) {
        let given = self.end(number);
        drop(given);
    }

    /// Gives away what nobody was heard of.
    async fn look_for_silence(self: Arc<Self>) {
        let patience = self.patience();
        loop {
            runtime::sleep(patience / 3).await;
            let now = runtime::now();
            let silent: Vec<_> = {
                let state = self.state();
                let out = state.out.iter().filter(|(_, out)| out.heard + patience <= now);
                out.map(|(number, out)| (*number, out.life)).collect()
            };
            for (number, life) in silent {
                self.world.struck(life, Fault::Expired, String::new);
                self.give_away(number);
            }
        }
    }

    /// An envelope as it is stored: one that comes again when nobody remembers it is another one to the in-memory transport.
    pub(super) fn stores(&self, mut envelope: Envelope) -> Envelope {
        let (id, now) = (envelope.delivery_id(), runtime::now());
        let window = Duration::from_millis(self.world.profile.window);
        let is_forgotten = {
            let before = self.state().stored.insert(id, now);
            before.is_some_and(|before| before + window < now)
        };
        if is_forgotten {
            self.world.struck(OUTSIDE, Fault::StoredTwice, || format!(": {} {id}", envelope.name));
            let copy = MessageId::new();
            let state = &mut *self.state();
            state.copies.insert(copy, envelope.headers().delivery_id);
            state.twice.push(envelope.clone());
            envelope.headers_mut().delivery_id = Some(copy);
        }
        envelope
    }

    /// An envelope as it came in.
    pub(super) fn restored(&self, envelope: &Envelope) -> Envelope {
        let mut envelope = envelope.clone();
        let original = envelope.headers().delivery_id.and_then(|copy| self.state().copies.get(&copy).copied());
        if let Some(original) = original {
            envelope.headers_mut().delivery_id = original;
        }
        envelope
    }
}

fn given_away() -> Error {
    Error::unavailable("simulated: the delivery was given to somebody else")
}
