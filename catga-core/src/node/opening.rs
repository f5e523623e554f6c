use std::num::NonZeroUsize;
use std::sync::Arc;

use tokio::sync::oneshot;

use crate::delivery::{Endpoint, Intake, NodeEvents, Places, Progress, RelayTask};
use crate::error::{Error, Result};
use crate::handler::Subscription as Subscribes;
use crate::message::Kind;
use crate::persistence::{PositionName, Store};
use crate::transport::{Deliveries, Source, Start, Subscription};

use super::membership::Membership;

/// A node that opens its subscriptions.
pub(super) struct Opening<'a> {
    membership: &'a Membership,
    in_flight: NonZeroUsize,
    places: Places,
    store: Option<Arc<dyn Store>>,
}

impl<'a> Opening<'a> {
    /// Of a node whose handlers run so many at a time.
    pub(super) fn new(membership: &'a Membership, at_once: NonZeroUsize, store: Option<Arc<dyn Store>>) -> Self {
        Self { membership, in_flight: at_once, places: Places::new(at_once), store }
    }

    /// Opens what the handlers need: events first, so that the history is through before the first request comes.
    pub(super) async fn open(self, endpoints: Vec<Arc<dyn Endpoint>>) -> Result<()> {
        if let Some(store) = &self.store {
            self.open_store(store).await;
        }
        let (events, requests): (Vec<_>, Vec<_>) =
            endpoints.into_iter().partition(|endpoint| endpoint.info().kind() == Kind::Event);
        let by = |kind| events.iter().filter(move |endpoint| endpoint.info().subscribes() == kind).cloned();
        self.open_for_node(by(Subscribes::Plain).collect(), Start::Now).await?;
        self.open_for_node(by(Subscribes::Replay).collect(), Start::First).await?;
        for endpoint in by(Subscribes::Resume) {
            self.resume(endpoint).await?;
        }
        for endpoint in by(Subscribes::OncePerService) {
            let info = endpoint.info();
            let source = Source::Service { event: info.message().to_owned(), handler: info.first_name().to_owned() };
            self.open_for_service(source, endpoint).await?;
        }
        for command in requests.iter().filter(|endpoint| endpoint.info().kind() == Kind::Command) {
            let source = Source::Work { command: command.info().message().to_owned() };
            self.open_for_service(source, command.clone()).await?;
        }
        for endpoint in requests {
            self.open_requests(endpoint).await?;
        }
        Ok(())
    }

    /// Lets out what is committed, and looks after the store; first of all, so that what is paused is known before anything is taken.
    async fn open_store(&self, store: &Arc<dyn Store>) {
        let Membership { gate, link, stopping, flushing, loops, .. } = self.membership;
        gate.look(&**store).await;
        let (store, link, node) = (store.clone(), link.clone(), self.membership.home().node_name().to_owned());
        loops.intake.spawn(gate.clone().keep(store.clone(), stopping.clone()));
        loops.relay.spawn(RelayTask { store, link, node, stopping: flushing.clone() }.run());
    }

    async fn open_for_node(&self, endpoints: Vec<Arc<dyn Endpoint>>, start: Start) -> Result<()> {
        if endpoints.is_empty() {
            return Ok(());
        }
        let mut events: Vec<_> = endpoints.iter().map(|endpoint| endpoint.info().message().to_owned()).collect();
        events.sort_unstable();
        events.dedup();
        let deliveries = self.subscribe(Source::Node { events, start }, self.in_flight).await?;
        let (caught_up, wait) = oneshot::channel();
        let name = if start == Start::First { "replay" } else { "plain" };
        let name = format!("the {name} handlers");
        let events = NodeEvents { name, handler: None, deliveries, in_flight: self.in_flight, caught_up };
        self.membership.loops.intake.spawn(self.intake().take_for_node(endpoints, events));
        if start == Start::First {
            wait.await
                .map_err(|ended| Error::unavailable("the history ended before it was through").with_source(ended))?;
        }
        Ok(())
    }

    /// Opens the subscription of a handler that goes on where it stopped; the first time, that is the first event that is kept.
    async fn resume(&self, endpoint: Arc<dyn Endpoint>) -> Result<()> {
        let (info, node) = (endpoint.info(), self.membership.home().node_name().to_owned());
        let Some(store) = self.store.clone() else {
            return Err(Error::internal(format!("{info} has no persistence for its position")));
        };
        let name = PositionName { node, handler: info.identity() };
        let progress = Arc::new(Progress::take(store, name).await?);
        let source = Source::Node { events: vec![info.message().to_owned()], start: Start::At(progress.start().await) };
        let deliveries = self.subscribe(source, self.in_flight).await?;
        // Nobody waits until it has caught up.
        let (caught_up, _) = oneshot::channel();
        let (name, handler) = (info.identity(), Some(info.identity()));
        let events = NodeEvents { name, handler, deliveries, in_flight: self.in_flight, caught_up };
        self.membership.loops.intake.spawn(self.intake().take_from(endpoint, progress, events));
        Ok(())
    }

    async fn open_for_service(&self, source: Source, endpoint: Arc<dyn Endpoint>) -> Result<()> {
        let at_once = self.at_once(&*endpoint);
        let deliveries = self.subscribe(source, at_once).await?;
        self.membership.loops.intake.spawn(self.intake().take_for_service(endpoint, deliveries, at_once));
        Ok(())
    }

    async fn open_requests(&self, endpoint: Arc<dyn Endpoint>) -> Result<()> {
        let at_once = self.at_once(&*endpoint);
        let requests = self.membership.link.requests(endpoint.info().message(), at_once).await?;
        self.membership.loops.intake.spawn(self.intake().answer_requests(endpoint, requests, at_once));
        Ok(())
    }

    async fn subscribe(&self, source: Source, in_flight: NonZeroUsize) -> Result<Box<dyn Deliveries>> {
        self.membership.link.subscribe(Subscription { source, in_flight }).await
    }

    /// How many messages one handler takes at a time.
    fn at_once(&self, endpoint: &dyn Endpoint) -> NonZeroUsize {
        endpoint.info().concurrency().unwrap_or(self.in_flight)
    }

    fn intake(&self) -> Intake {
        let Membership { home, gate, gaps, aside, runs, stopping, .. } = self.membership;
        Intake {
            home: home.clone(),
            gate: gate.clone(),
            gaps: gaps.clone(),
            aside: aside.clone(),
            places: self.places.clone(),
            runs: runs.clone(),
            stopping: stopping.clone(),
        }
    }
}
