use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};

use catga_core::runtime::simulation::{Machine, TaskId};
use tokio::task::AbortHandle;

use super::life::Task;
use super::{Life, OUTSIDE, World};

/// When the simulated world begins, in milliseconds since 1970.
const EPOCH: i64 = 1_800_000_000_000;

/// A world, as core sees it.
pub(crate) struct OnThread(pub(crate) Arc<World>);

impl World {
    /// The world as the machine of this thread.
    pub(crate) fn machine(self: &Arc<Self>) -> OnThread {
        OnThread(self.clone())
    }

    /// Whose turn it is.
    pub(crate) fn running_life(&self) -> Life {
        self.running().map_or(OUTSIDE, |task| self.state().lives.tasks[task].life)
    }

    /// Calls what isn't part of any node: broker and store go on whoever dies.
    pub(crate) fn outside<F: Future>(self: &Arc<Self>, call: F) -> Outside<F> {
        Outside { world: self.clone(), call: Box::pin(call) }
    }
}

impl Machine for OnThread {
    fn random(&self) -> u64 {
        self.0.state().ids.next()
    }

    fn unix_millis(&self) -> u64 {
        let life = self.0.running_life();
        let skew = self.0.state().lives.skew(life);
        EPOCH.saturating_add_unsigned(self.0.time().as_millis() as u64).saturating_add(skew).unsigned_abs()
    }

    fn begins(&self, place: &'static Location<'static>) -> TaskId {
        let running = self.0.running_life();
        let state = &mut *self.0.state();
        let life = state.lives.adopted.unwrap_or(running);
        let kind = state.points.kind(place);
        state.lives.tasks.push(Task { life, kind, end: None, is_ended: false });
        TaskId(state.lives.tasks.len() - 1)
    }

    fn began(&self, task: TaskId, end: AbortHandle) {
        let is_dead = {
            let lives = &mut self.0.state().lives;
            let is_dead = !lives.is_alive(lives.tasks[task.0].life);
            lives.tasks[task.0].end = (!is_dead).then(|| end.clone());
            is_dead
        };
        if is_dead {
            end.abort();
        }
    }

    fn enter(&self, task: TaskId, waker: &Waker) -> bool {
        let may_go_on = {
            let lives = &mut self.0.state().lives;
            let life = lives.tasks[task.0].life;
            lives.may_go_on(life, waker)
        };
        if may_go_on {
            self.0.running.store(task.0 + 1, Ordering::Relaxed);
        }
        may_go_on
    }

    fn leave(&self) {
        self.0.running.store(0, Ordering::Relaxed);
    }

    fn ended(&self, task: TaskId) {
        let task = &mut self.0.state().lives.tasks[task.0];
        task.is_ended = true;
        task.end = None;
    }
}

/// See [`World::outside`].
pub(crate) struct Outside<F> {
    world: Arc<World>,
    call: Pin<Box<F>>,
}

impl<F: Future> Future for Outside<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<F::Output> {
        let inside = self.world.running.swap(0, Ordering::Relaxed);
        let polled = self.call.as_mut().poll(task);
        self.world.running.store(inside, Ordering::Relaxed);
        polled
    }
}
