//! Clock, randomness and spawning: core reaches them here and nowhere else.
//!
//! Whoever wants to run the whole of core on a virtual clock with seeded randomness has so one room to replace. `cargo xtask tidy` checks
//! that no other module of core names tokio's clock, its `spawn`, or a `select!` that picks its branch by chance. With the feature
//! `simulation` a `simulation::Machine` can take the place of the real one, for each thread; without it, none of that is compiled.

#[cfg(feature = "simulation")]
pub mod simulation;

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use tokio::time::Instant;

use pin_project_lite::pin_project;
use tokio_util::task::task_tracker::{TaskTracker, TaskTrackerToken};
use uuid::Uuid;

/// The moment, on a clock that only goes forward.
pub fn now() -> Instant {
    #[cfg(test)]
    asked::count();
    Instant::now()
}

/// The moment that is `duration` from now. More than 30 years are taken for 30 years, so that no clock overflows.
pub fn after(duration: Duration) -> Instant {
    later(now(), duration)
}

/// The moment that is `duration` after `moment`; as with [`after`], no clock overflows.
pub fn later(moment: Instant, duration: Duration) -> Instant {
    moment.checked_add(duration.min(FAR)).unwrap_or(moment)
}

/// Further than anybody waits, and near enough for every clock.
const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// Milliseconds since 1970 by this machine's clock: for people and for ids, never for a decision between nodes.
pub fn unix_millis() -> u64 {
    #[cfg(test)]
    asked::count();
    #[cfg(feature = "simulation")]
    if let Some(millis) = simulation::ask(|machine| machine.unix_millis()) {
        return millis;
    }
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// A new UUID v7 ([RFC 9562](https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7)): ids made later sort later.
pub fn new_uuid() -> Uuid {
    #[cfg(test)]
    asked::count();
    #[cfg(feature = "simulation")]
    if let Some(uuid) = simulation::ask(simulation::new_uuid) {
        return uuid;
    }
    Uuid::now_v7()
}

/// Waits for this long. Cancel safe: dropping it just stops waiting.
pub async fn sleep(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// Lets the other tasks of this thread go on first. Cancel safe.
pub async fn yield_now() {
    tokio::task::yield_now().await;
}

/// Runs `work` until `deadline` at the latest, if there is one: `None` if it wasn't done by then. Dropping it drops `work`.
pub fn until<F: Future>(deadline: Option<Instant>, work: F) -> Until<F> {
    Until { work, bell: deadline.map(|deadline| Box::pin(tokio::time::sleep_until(deadline))) }
}

pin_project! {
    /// See [`until`].
    #[derive(Debug)]
    pub struct Until<F> {
        #[pin]
        work: F,
        // In a box, since few have one and all would carry it.
        bell: Option<Pin<Box<tokio::time::Sleep>>>,
    }
}

impl<F: Future> Future for Until<F> {
    type Output = Option<F::Output>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(output) = this.work.poll(task) {
            return Poll::Ready(Some(output));
        }
        match this.bell {
            Some(bell) => bell.as_mut().poll(task).map(|()| None),
            None => Poll::Pending,
        }
    }
}

/// Starts `task` beside the caller. Whoever needs its end keeps the handle; dropping the handle lets the task go on.
#[cfg_attr(feature = "simulation", track_caller)]
pub fn spawn<F>(task: F) -> tokio::task::JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    #[cfg(feature = "simulation")]
    return simulation::begin(task, |task| tokio::spawn(task));
    #[cfg(not(feature = "simulation"))]
    tokio::spawn(task)
}

/// Tasks that somebody waits for.
#[derive(Clone, Debug, Default)]
pub struct Tasks(TaskTracker);

impl Tasks {
    /// Starts `task` beside the caller.
    #[cfg_attr(feature = "simulation", track_caller)]
    pub fn spawn<F>(&self, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        #[cfg(feature = "simulation")]
        simulation::begin(task, |task| self.0.spawn(task));
        #[cfg(not(feature = "simulation"))]
        self.0.spawn(task);
    }

    /// Counts as one of them until the value and its clones are dropped.
    pub fn underway(&self) -> Underway {
        Underway { _token: self.0.token() }
    }

    /// Waits until all of them are done. Cancel safe.
    pub async fn finished(&self) {
        self.0.close();
        self.0.wait().await;
    }
}

/// Something that is being done, in whatever task; see [`Tasks::underway`].
#[derive(Clone, Debug)]
pub struct Underway {
    _token: TaskTrackerToken,
}

/// How often a clock or randomness was asked on this thread, for tests of what nobody asks for.
#[cfg(test)]
pub(crate) mod asked {
    use std::cell::Cell;

    thread_local! { static TIMES: Cell<u32> = const { Cell::new(0) } }

    pub(super) fn count() {
        TIMES.set(TIMES.get() + 1);
    }

    pub(crate) fn times() -> u32 {
        TIMES.get()
    }
}
