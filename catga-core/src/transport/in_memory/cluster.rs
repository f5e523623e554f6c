use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::envelope::Envelope;
use crate::error::{Error, Result};
use crate::message::MessageId;
use crate::recent::Recent;

use tokio_util::sync::CancellationToken;

use super::super::Member;
use super::Limits;
use super::consumer::{Consumer, MemberId};
use super::history::History;
use super::office::Office;

/// How many delivery ids are remembered, of events and of commands, so that none is stored twice.
pub(super) const WINDOW: usize = 65_536;

/// All that the nodes of one cluster share.
#[derive(Debug)]
pub(super) struct Cluster {
    pub(super) limits: Limits,
    state: Mutex<State>,
}

/// What the cluster's lock guards.
#[derive(Debug)]
pub(super) struct State {
    members: BTreeMap<String, Living>,
    next_id: u64,
    /// Where the requests of each name go; there for all that any service owns, or once owned.
    pub(super) offices: BTreeMap<String, Office>,
    pub(super) history: History,
    events_seen: Recent<MessageId, ()>,
    pub(super) consumers: BTreeMap<ConsumerId, Consumer>,
    pub(super) durable: BTreeMap<Durable, ConsumerId>,
    /// Those of one node, and the node's name.
    pub(super) own: BTreeMap<ConsumerId, String>,
    /// Who wants an event.
    wanting: BTreeMap<String, BTreeSet<ConsumerId>>,
}

#[derive(Debug)]
struct Living {
    id: MemberId,
    left: CancellationToken,
    service: String,
    requests: BTreeSet<String>,
}

/// Which consumer.
pub(super) type ConsumerId = u64;

/// The name of a consumer that outlives its nodes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Durable {
    /// The commands of one name, whoever owns them.
    Work { command: String },
    /// One handler's events in a service.
    Service { service: String, event: String, handler: String },
}

impl Cluster {
    pub(super) fn new(limits: Limits) -> Self {
        let state = State {
            members: BTreeMap::new(),
            next_id: 0,
            offices: BTreeMap::new(),
            history: History::new(limits.history, limits.history_bytes),
            events_seen: Recent::new(WINDOW),
            consumers: BTreeMap::new(),
            durable: BTreeMap::new(),
            own: BTreeMap::new(),
            wanting: BTreeMap::new(),
        };
        Self { limits, state: Mutex::new(state) }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who is there, and who owns what.
impl State {
    pub(super) fn join(&mut self, member: &Member, left: CancellationToken) -> Result<MemberId> {
        let (node, service) = (member.node(), member.service());
        if let Some(other) = self.members.get(node) {
            return Err(Error::conflict(format!(
                "a node `{node}` of the service `{}` is running in the cluster `{}`: give this one of the service `{service}` another name",
                other.service,
                member.cluster()
            )));
        }
        for request in member.requests() {
            self.check_owner(request, service)?;
        }
        for request in member.requests() {
            self.offices.entry(request.clone()).or_default();
        }
        let id = self.new_id();
        let requests = member.requests().iter().cloned().collect();
        self.members.insert(node.to_owned(), Living { id, left, service: service.to_owned(), requests });
        Ok(id)
    }

    /// Owners are unique among the living: a request whose service is gone may move to another.
    fn check_owner(&self, request: &str, service: &str) -> Result<()> {
        let owns = |living: &&Living| living.service != service && living.requests.contains(request);
        match self.members.values().find(owns) {
            None => Ok(()),
            Some(other) => Err(Error::conflict(format!(
                "the request `{request}` is owned by the service `{}`, so the service `{service}` can't own it as well",
                other.service
            ))),
        }
    }

    /// Forgets a member; whether it was there.
    pub(super) fn leave(&mut self, id: MemberId) -> bool {
        let found = self.members.iter().find(|(_, living)| living.id == id).map(|(name, _)| name.clone());
        let Some(living) = found.and_then(|name| self.members.remove(&name)) else { return false };
        living.left.cancel();
        for request in &living.requests {
            if let Some(office) = self.offices.get_mut(request) {
                office.close(id);
            }
        }
        true
    }

    /// Gives what a member had in flight to others.
    pub(super) fn take_back(&mut self, gone: MemberId) {
        for consumer in self.consumers.values_mut() {
            consumer.take_back(gone);
        }
    }

    /// Refuses what isn't this member's.
    ///
    /// # Errors
    ///
    /// It didn't join as the owner of these requests.
    pub(super) fn check_owned(&self, member: MemberId, request: &str) -> Result<()> {
        match self.members.values().find(|living| living.id == member) {
            Some(living) if !living.requests.contains(request) => Err(Error::validation(format!(
                "this member didn't join as an owner of `{request}`, so it can't take it"
            ))),
            _ => Ok(()),
        }
    }

    /// Where these requests go.
    ///
    /// # Errors
    ///
    /// No service ever owned them.
    pub(super) fn office(&mut self, request: &str) -> Result<&mut Office> {
        self.offices
            .get_mut(request)
            .ok_or_else(|| Error::no_handler(format!("no service of this cluster handles `{request}`")))
    }

    fn new_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }
}

/// Who gets what.
impl State {
    /// The history and this consumer, if it is there.
    pub(super) fn consumer(&mut self, id: ConsumerId) -> Option<(&History, &mut Consumer)> {
        self.consumers.get_mut(&id).map(|consumer| (&self.history, consumer))
    }

    /// The consumer of this name; made if it isn't there.
    pub(super) fn durable(&mut self, name: Durable, new: impl FnOnce(&History) -> Consumer) -> ConsumerId {
        if let Some(id) = self.durable.get(&name) {
            return *id;
        }
        let id = self.add(new(&self.history));
        self.durable.insert(name, id);
        id
    }

    /// Adds a consumer that ends with its node.
    pub(super) fn add_own(&mut self, node: &str, consumer: Consumer) -> ConsumerId {
        let id = self.add(consumer);
        self.own.insert(id, node.to_owned());
        id
    }

    fn add(&mut self, consumer: Consumer) -> ConsumerId {
        let id = self.new_id();
        for event in consumer.events() {
            self.wanting.entry(event.clone()).or_default().insert(id);
        }
        self.consumers.insert(id, consumer);
        id
    }

    pub(super) fn remove(&mut self, id: ConsumerId) {
        self.consumers.remove(&id);
        self.own.remove(&id);
        self.wanting.retain(|_, wanting| {
            wanting.remove(&id);
            !wanting.is_empty()
        });
    }

    /// Stores an event unless it was stored before, drops what is too much, and wakes who wants it.
    pub(super) fn store_event(&mut self, event: Envelope) {
        if !self.events_seen.remember(event.delivery_id(), ()) {
            return;
        }
        self.for_each_wanting(&event.name, |consumer| consumer.wake.notify_one());
        self.history.push(event);
        while let Some((number, dropped)) = self.history.drop_surplus() {
            self.for_each_wanting(&dropped.name, |consumer| consumer.dropped(number));
        }
    }

    fn for_each_wanting(&mut self, event: &str, mut act: impl FnMut(&mut Consumer)) {
        for id in self.wanting.get(event).into_iter().flatten() {
            if let Some(consumer) = self.consumers.get_mut(id) {
                act(consumer);
            }
        }
    }
}
