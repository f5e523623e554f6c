use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};
use crate::handler::HandlerInfo;
use crate::persistence::Store;
use crate::runtime;

/// How full the outbox may be before nothing new is taken: what runs by then still finds room for what it puts out.
const FULL: f32 = 0.8;
/// How often a node looks at its store.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often while something keeps it from working.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Whether a node takes what it could: not while the store is away, while the outbox is nearly full, or what a paused handler is for.
///
/// Whoever waits for it is woken in turn, so that a simulated node does the same each time.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct State {
    /// Why the store can't be used.
    away: Option<String>,
    outbox_is_full: bool,
    /// The identities of paused handlers, and who paused them.
    paused: BTreeMap<String, String>,
}

impl State {
    fn is_open(&self) -> bool {
        self.away.is_none() && !self.outbox_is_full
    }

    fn is_closed_for(&self, handler: &str) -> bool {
        !self.is_open() || self.paused.contains_key(handler)
    }
}

impl Gate {
    /// Waits until something may be taken for this handler, which isn't paused then. Cancel safe.
    pub(crate) async fn open_for(&self, handler: &str) {
        self.until(|state| !state.is_closed_for(handler)).await;
    }

    /// `work`, unless the gate closes for this handler meanwhile; `work` is dropped then.
    pub(crate) async fn while_open_for<T>(&self, handler: &str, work: impl Future<Output = T>) -> Option<T> {
        let mut closed = pin!(self.until(|state| state.is_closed_for(handler)));
        let mut work = pin!(work);
        poll_fn(|task| {
            if self.state().is_closed_for(handler) {
                return Poll::Ready(None);
            }
            // Mostly there is something to take, and then nobody waits for the gate.
            match work.as_mut().poll(task) {
                Poll::Ready(output) => Poll::Ready(Some(output)),
                Poll::Pending => closed.as_mut().poll(task).map(|()| None),
            }
        })
        .await
    }

    /// Who paused this handler, if somebody did.
    pub(crate) fn paused_by(&self, handler: &HandlerInfo) -> Option<String> {
        let state = self.state();
        // Mostly nothing is paused, and then nobody spells the identity.
        if state.paused.is_empty() { None } else { state.paused.get(&handler.identity()).cloned() }
    }

    /// Why nothing is taken, for people.
    pub(crate) fn reasons(&self) -> Vec<String> {
        let state = self.state();
        let away = state.away.iter().map(|why| format!("nothing new is taken, since the persistence was away: {why}"));
        let full = state.outbox_is_full.then(|| "nothing new is taken, since the outbox is nearly full".to_owned());
        away.chain(full).collect()
    }

    /// The store failed just now: nothing more is taken until it was seen to work.
    pub(crate) fn close(&self, error: &Error) {
        if self.state().away.replace(error.to_string()).is_none() {
            self.changed.notify_waiters();
        }
    }

    /// Looks at the store again and again, until the node has stopped.
    pub(crate) async fn keep(self: Arc<Self>, store: Arc<dyn Store>, stopped: CancellationToken) {
        loop {
            self.look(&*store).await;
            let pause = async {
                // What closes the gate meanwhile is looked at sooner.
                let _ = runtime::until(Some(runtime::after(LOOK_EVERY)), self.until(|state| !state.is_open())).await;
                runtime::sleep(LOOK_AGAIN).await;
            };
            if stopped.run_until_cancelled(pause).await.is_none() {
                return;
            }
        }
    }

    /// Looks at the store once.
    pub(crate) async fn look(&self, store: &dyn Store) {
        let seen = match seen(store).await {
            Ok(seen) => seen,
            Err(error) => State { away: Some(error.to_string()), ..self.state().clone() },
        };
        let mut state = self.state();
        if seen.away.is_some() && state.away.is_none() {
            tracing::warn!(error = seen.away, "the persistence is away: nothing new is taken until it is back");
        }
        if *state != seen {
            *state = seen;
            self.changed.notify_waiters();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn until(&self, is_so: impl Fn(&State) -> bool) {
        loop {
            let changed = self.changed.notified();
            if is_so(&self.state()) {
                return;
            }
            changed.await;
        }
    }
}

async fn seen(store: &dyn Store) -> Result<State> {
    store.health().await?;
    let outbox_is_full = store.fullness().await? >= FULL;
    let paused = store.paused().await?;
    let paused = paused.into_iter().map(|paused| (paused.handler, paused.by)).collect();
    Ok(State { away: None, outbox_is_full, paused })
}
