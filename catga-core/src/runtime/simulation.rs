//! What takes the place of this machine while the production code is simulated.
//!
//! A [`Machine`] is put in for one thread with [`run_on`]. It gives randomness and the time of day, and has a say in every task that core
//! starts: whose the task is, whether it may go on now, and how it can be ended from outside. The clock that only goes forward is tokio's,
//! which can be paused. On a thread without one, everything is as if this module weren't there.

use std::cell::RefCell;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;
use tokio::task::{AbortHandle, JoinHandle};
use uuid::{Builder, Uuid};

/// A machine on which the nodes of a simulation run; it knows whose turn it is.
pub trait Machine: 'static {
    /// 64 random bits.
    fn random(&self) -> u64;

    /// Milliseconds since 1970, by the clock of whoever asks.
    fn unix_millis(&self) -> u64;

    /// A task begins, started from this place in the code by whoever runs now.
    fn begins(&self, place: &'static Location<'static>) -> TaskId;

    /// The task was started; this ends it between two of its turns.
    fn began(&self, task: TaskId, end: AbortHandle);

    /// Whether the task may go on now. If not, `waker` is woken when it may.
    fn enter(&self, task: TaskId, waker: &Waker) -> bool;

    /// The turn of the task that was entered last is over.
    fn leave(&self);

    /// The task is done, or was ended.
    fn ended(&self, task: TaskId);
}

/// The number of one task of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskId(pub usize);

thread_local! { static MACHINE: RefCell<Option<Rc<dyn Machine>>> = const { RefCell::new(None) } }

/// Puts a machine in for this thread, until the returned value is dropped. Not twice at a time: the later one would stand for both.
#[must_use = "the machine is taken out again when this is dropped"]
pub fn run_on(machine: Rc<dyn Machine>) -> Running {
    MACHINE.set(Some(machine));
    Running(())
}

/// See [`run_on`].
#[derive(Debug)]
pub struct Running(());

impl Drop for Running {
    fn drop(&mut self) {
        MACHINE.set(None);
    }
}

/// Asks the machine of this thread, if there is one.
pub(super) fn ask<T>(question: impl FnOnce(&dyn Machine) -> T) -> Option<T> {
    let machine = MACHINE.with_borrow(Clone::clone)?;
    Some(question(&*machine))
}

/// A UUID v7 of the machine's clock and randomness.
pub(super) fn new_uuid(machine: &dyn Machine) -> Uuid {
    let mut random = [0; 10];
    random[..8].copy_from_slice(&machine.random().to_le_bytes());
    random[8..].copy_from_slice(&machine.random().to_le_bytes()[..2]);
    Builder::from_unix_timestamp_millis(machine.unix_millis(), &random).into_uuid()
}

/// Starts a task with `start`; where there is a machine, it is told.
#[track_caller]
pub(super) fn begin<F: Future>(
    task: F,
    start: impl FnOnce(Turns<F>) -> JoinHandle<F::Output>,
) -> JoinHandle<F::Output> {
    let place = Location::caller();
    let id = ask(|machine| machine.begins(place));
    let handle = start(Turns { task, id });
    if let Some(id) = id {
        ask(|machine| machine.began(id, handle.abort_handle()));
    }
    handle
}

pin_project! {
    /// A task that goes on only when its machine lets it.
    pub(super) struct Turns<F> {
        #[pin]
        task: F,
        id: Option<TaskId>,
    }

    impl<F> PinnedDrop for Turns<F> {
        fn drop(this: Pin<&mut Self>) {
            if let Some(id) = this.id {
                ask(|machine| machine.ended(id));
            }
        }
    }
}

impl<F: Future> Future for Turns<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(id) = *this.id else { return this.task.poll(task) };
        if ask(|machine| machine.enter(id, task.waker())) != Some(true) {
            return Poll::Pending;
        }
        // Also when the task panics.
        let _turn = Turn;
        this.task.poll(task)
    }
}

struct Turn;

impl Drop for Turn {
    fn drop(&mut self) {
        ask(Machine::leave);
    }
}
