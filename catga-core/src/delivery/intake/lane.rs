use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};

use crate::envelope::Envelope;
use crate::error::Result;
use crate::retry::Next;
use crate::runtime::{self, Underway};

use super::super::again::letter;
use super::super::backoff::Backoff;
use super::super::endpoint::{Arrived, Endpoint};
use super::super::handling::{Failed, Handling, Tried};
use super::super::parcel::Through;
use super::super::places::HandlerPlaces;
use super::memory::Memory;
use super::shared::Shared;
use super::{Intake, Taken};

/// How many events one handler may have aside, to be tried again, while it goes on with others.
const ASIDE: usize = 1_000;

/// The way of events to one handler of this node: one at a time, in their order as far as no retry intervenes.
///
/// What fails is tried again aside, and takes turns with what comes behind it: the handler still runs once at a time.
#[derive(Clone)]
pub(super) struct Lane(Arc<Inner>);

struct Inner {
    intake: Intake,
    endpoint: Arc<dyn Endpoint>,
    places: HandlerPlaces,
    memory: Memory,
    aside: Arc<Semaphore>,
}

/// An event that the handler is still to be through with.
struct Open {
    envelope: Envelope,
    sequence: u64,
    /// Its delivery, until the handler is through or the event is aside.
    shared: Option<Shared>,
    /// Tells whoever waits for it, when this is dropped.
    _underway: Option<Underway>,
}

/// When the next attempt is made, and how many were made before.
struct Again {
    wait: Duration,
    before: u32,
}

impl Open {
    fn new(shared: Shared) -> Self {
        let sequence = shared.parcel().sequence().unwrap_or_default();
        Self { envelope: shared.envelope().clone(), sequence, _underway: shared.underway(), shared: Some(shared) }
    }

    async fn through(&mut self) {
        if let Some(shared) = self.shared.take() {
            shared.through(Through::seen()).await;
        }
    }
}

impl Lane {
    pub(super) fn new(intake: Intake, endpoint: Arc<dyn Endpoint>, memory: Memory) -> Self {
        let places = intake.places.of_handler(NonZeroUsize::MIN);
        Self(Arc::new(Inner { intake, endpoint, places, memory, aside: Arc::new(Semaphore::new(ASIDE)) }))
    }

    /// Handles what enters, until the node shuts down or another one goes on with the handler's events.
    pub(super) async fn run(self, mut entered: mpsc::Receiver<Shared>) {
        while !self.0.memory.is_lost()
            && let Taken::This(shared) = self.0.intake.take(None, entered.recv()).await
        {
            let mut open = Open::new(shared);
            // Where it waits for another event to end, none does any more when the node shuts down.
            let has = self.0.memory.has(&open.envelope, open.sequence);
            let Some(has) = self.0.intake.stopping.run_until_cancelled(has).await else { break };
            if has {
                open.through().await;
            } else if let Some(again) = self.0.try_now(&mut open, 0).await {
                self.put_aside(open, again).await;
            }
        }
        self.0.memory.save().await;
    }

    /// Tries again beside what comes next. While there is room aside, the delivery is settled: the event is kept for as long as the node
    /// lives, which is as long as its subscription does, or it is a hole of the handler's position.
    async fn put_aside(&self, mut open: Open, again: Again) {
        let room = self.0.intake.aside.room(&self.0.aside);
        if room.is_some() {
            self.0.memory.note_aside(&open.envelope);
            open.through().await;
        }
        let lane = self.clone();
        self.0.intake.runs.spawn(async move {
            let inner = &*lane.0;
            inner.intake.stopping.run_until_cancelled(inner.try_again(open, again)).await;
            drop(room);
        });
    }
}

impl Inner {
    async fn try_again(&self, mut open: Open, mut again: Again) {
        loop {
            runtime::sleep(again.wait).await;
            match self.try_now(&mut open, again.before).await {
                None => return,
                Some(later) => again = later,
            }
        }
    }

    /// Attempts that follow each other at once, until the handler is through, or for `Again`, later.
    async fn try_now(&self, open: &mut Open, mut before: u32) -> Option<Again> {
        let (home, endpoint) = (&*self.intake.home, &*self.endpoint);
        let envelope = open.envelope.clone();
        let under = self.memory.under(open.sequence);
        let handling = Handling::here(home, endpoint, Arrived::stored(&envelope, 1), under);
        let is_given_up = loop {
            let tried = {
                let _place = self.places.take().await;
                handling.attempt(before).await
            };
            let failed = match tried {
                Tried::Through(..) => break false,
                Tried::Failed(failed) => failed,
                Tried::Away(error) => {
                    self.intake.gate.close(&error);
                    return Some(Again { wait: Backoff::LONGEST, before });
                }
                // Another node goes on with the handler's events.
                Tried::Stopped(_) if self.memory.is_lost() => return None,
                Tried::Stopped(_) | Tried::Busy(..) => return Some(Again { wait: Backoff::LONGEST, before }),
            };
            before += 1;
            match handling.next(&failed) {
                Next::Now => {}
                Next::Later(wait) => {
                    handling.log(&failed, "it is tried again later");
                    return Some(Again { wait, before });
                }
                Next::Drop => {
                    handling.log(&failed, "its policy drops it");
                    break false;
                }
                Next::Dead => {
                    handling.log(&failed, "it is given up");
                    match self.bury(&handling, &envelope, &failed).await {
                        Ok(()) => break true,
                        Err(error) => {
                            tracing::warn!(error = %error.chain(), "a dead letter couldn't be kept, so its message is tried again");
                            return Some(Again { wait: Backoff::LONGEST, before: before - 1 });
                        }
                    }
                }
            }
        };
        self.memory.note(&envelope, open.sequence).await;
        if is_given_up {
            // At once: whatever the handler did with it after a crash, a replay of its letter would do again.
            self.memory.save().await;
        }
        open.through().await;
        None
    }

    /// Keeps what was given up, where there is a store.
    async fn bury(&self, handling: &Handling<'_>, envelope: &Envelope, failed: &Failed<'_>) -> Result<()> {
        let Some(store) = handling.store() else { return Ok(()) };
        let (info, node) = (self.endpoint.info(), self.intake.home.node_name());
        store.bury(letter(envelope, info, &failed.error, failed.attempt, node), None).await.map(drop)
    }
}
