use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use crate::runtime::{Tasks, Underway};
use crate::transport::{Arrival, Deliveries};

use super::super::again::is_for;
use super::super::endpoint::Endpoint;
use super::super::parcel::{Parcel, Through};
use super::super::progress::Progress;
use super::kept::Kept;
use super::lane::Lane;
use super::memory::Memory;
use super::shared::Shared;
use super::{Intake, Taken};

/// The lanes of a subscription's handlers, by their events' wire names.
type Lanes = BTreeMap<&'static str, Vec<Entrance>>;

/// Where events enter a lane.
struct Entrance {
    endpoint: Arc<dyn Endpoint>,
    queue: mpsc::Sender<Shared>,
}

/// A subscription of a node, for handlers that each node runs.
pub(crate) struct NodeEvents {
    /// For messages to people.
    pub(crate) name: String,
    /// The handler that it is for, where that can be paused, and needs the store.
    pub(crate) handler: Option<String>,
    pub(crate) deliveries: Box<dyn Deliveries>,
    /// How many events may be in flight.
    pub(crate) in_flight: NonZeroUsize,
    /// Told when the history is through, retries included.
    pub(crate) caught_up: oneshot::Sender<()>,
}

impl Intake {
    /// Handles events that every node gets, for handlers that see them from now on or from the stream's start.
    pub(crate) async fn take_for_node(self, endpoints: Vec<Arc<dyn Endpoint>>, events: NodeEvents) {
        let mut lanes = Lanes::new();
        for endpoint in endpoints {
            let event = endpoint.info().message();
            lanes.entry(event).or_default().push(self.open(endpoint, Memory::new(None), events.in_flight));
        }
        self.fill(lanes, events).await;
    }

    /// Handles events for a handler of this node that goes on where it stopped.
    pub(crate) async fn take_from(self, endpoint: Arc<dyn Endpoint>, progress: Arc<Progress>, events: NodeEvents) {
        let lost = progress.lost().clone();
        self.runs.spawn(progress.clone().keep(self.stopping.clone()));
        let event = endpoint.info().message();
        let entrance = self.open(endpoint, Memory::new(Some(progress)), events.in_flight);
        lost.run_until_cancelled(self.fill([(event, vec![entrance])].into(), events)).await;
    }

    fn open(&self, endpoint: Arc<dyn Endpoint>, memory: Memory, in_flight: NonZeroUsize) -> Entrance {
        let (queue, entered) = mpsc::channel(in_flight.get());
        self.runs.spawn(Lane::new(self.clone(), endpoint.clone(), memory).run(entered));
        Entrance { endpoint, queue }
    }

    /// Brings events into the lanes that they are for. A handler that is slow doesn't hold up the others, until it is as many events behind as
    /// may be in flight.
    async fn fill(&self, lanes: Lanes, events: NodeEvents) {
        let NodeEvents { name, handler, mut deliveries, caught_up, .. } = events;
        let mut history = Some((Tasks::default(), caught_up));
        let mut kept = Kept::default();
        loop {
            let taken = tokio::select! {
                biased;
                taken = self.take(handler.as_deref(), deliveries.next()) => taken,
                () = kept.due() => {
                    // To its end: who lets an event go last settles it.
                    kept.sign().await;
                    continue;
                }
            };
            match taken {
                Taken::Nothing => break,
                Taken::NotNow => continue,
                Taken::This(Arrival::Delivery(delivery)) => {
                    let underway = history.as_ref().map(|(tasks, _)| tasks.underway());
                    self.enter(&lanes, Parcel::new(delivery), underway, &mut kept).await;
                }
                Taken::This(Arrival::CaughtUp) => {
                    if let Some((tasks, caught_up)) = history.take() {
                        self.runs.spawn(async move {
                            tasks.finished().await;
                            // Nobody waits any longer if the start was given up.
                            let _ = caught_up.send(());
                        });
                    }
                }
            }
            self.gaps.note(&name, deliveries.missed());
        }
        deliveries.close().await;
    }

    async fn enter(&self, lanes: &Lanes, parcel: Parcel, underway: Option<Underway>, kept: &mut Kept) {
        let mut queues = Vec::new();
        for lane in lanes.get(&*parcel.envelope().name).into_iter().flatten() {
            if is_for(parcel.envelope(), lane.endpoint.info(), &self.home) {
                queues.push(lane.queue.clone());
            }
        }
        if queues.is_empty() {
            return parcel.settle(Through::seen()).await;
        }
        let shared = Shared::new(parcel, queues.len(), underway);
        kept.add(&shared);
        for queue in queues {
            // A lane takes as many as may be in flight; it ends only when the node stops.
            drop(queue.send(shared.clone()).await);
        }
        // The lanes may be through by now.
        shared.let_go().await;
    }
}
