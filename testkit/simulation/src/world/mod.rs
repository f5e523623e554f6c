//! The world in which the nodes live: whose task may run, who is cut off from what, what goes wrong and when, and a record of all of it.
//!
//! `machine` is what core sees in place of its own clock, randomness and spawning; `life` is one run of a node, which can be killed and
//! paused; `call` is the way of every call over a seam; `faults` are what can go wrong, drawn from the seed; `points` are the places where
//! a node can crash, found as they are passed; `trace` tells what happened.

mod call;
mod faults;
mod life;
mod machine;
mod points;
mod trace;

use std::any::Any;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use catga_core::runtime::Instant;

use crate::random::Random;
use crate::sabotage::Sabotage;

pub(crate) use call::{Loss, Seam, unreachable};
pub(crate) use faults::{Fault, Faults, Profile};
pub(crate) use life::{Life, OUTSIDE};
pub(crate) use points::{Coverage, Method};
pub(crate) use trace::Line;

use life::Lives;
use points::Points;
use trace::Trace;

/// All that is simulated in one seed, but for core itself and its in-memory seams.
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) profile: Profile,
    pub(crate) sabotage: Option<Sabotage>,
    is_traced: bool,
    began: Instant,
    /// The task that runs now and one more; 0 where it is nobody's turn.
    running: AtomicUsize,
    state: Mutex<State>,
}

struct State {
    /// Decides what goes wrong.
    chance: Random,
    /// Is core's randomness.
    ids: Random,
    lives: Lives,
    points: Points,
    faults: Faults,
    trace: Trace,
    /// Since when things may go wrong, if they may.
    faulty_since: Option<Instant>,
    /// How many calls were made that only a node with something to do makes.
    activity: u64,
    /// Until when something is known to come back by itself.
    due: Instant,
}

impl World {
    pub(crate) fn new(seed: u64, sabotage: Option<Sabotage>, is_traced: bool) -> Arc<Self> {
        let began = catga_core::runtime::now();
        let profile = Profile::new(&mut Random::new(seed, 1));
        let state = State {
            chance: Random::new(seed, 2),
            ids: Random::new(seed, 3),
            lives: Lives::default(),
            points: Points::new(seed),
            faults: Faults::default(),
            trace: Trace::default(),
            faulty_since: None,
            activity: 0,
            due: began,
        };
        Arc::new(Self {
            seed,
            profile,
            sabotage,
            is_traced,
            began,
            running: AtomicUsize::new(0),
            state: Mutex::new(state),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this is wrong on purpose.
    pub(crate) fn is_sabotaged(&self, by: Sabotage) -> bool {
        self.sabotage == Some(by)
    }

    /// Draws from what decides over faults.
    pub(crate) fn draw<T>(&self, draw: impl FnOnce(&mut Random) -> T) -> T {
        draw(&mut self.state().chance)
    }

    /// From now on things go wrong, or don't.
    pub(crate) fn set_faulty(&self, is_faulty: bool) {
        self.state().faulty_since = is_faulty.then(catga_core::runtime::now);
        self.note(OUTSIDE, u64::from(is_faulty), || if is_faulty { "faults begin" } else { "faults end" }.to_owned());
    }

    pub(crate) fn is_faulty(&self) -> bool {
        self.state().faulty_since.is_some()
    }

    /// Whether a fault happens here that happens so many times of a thousand; if so it is counted and noted.
    pub(crate) fn strikes(&self, life: Life, fault: Fault, per_mille: u64) -> bool {
        let strikes = {
            let state = &mut *self.state();
            state.faulty_since.is_some() && state.chance.chance(per_mille) && state.faults.count(fault)
        };
        if strikes {
            self.note(life, fault as u64, || format!("FAULT {}", fault.as_str()));
        }
        strikes
    }

    /// A fault that was decided elsewhere happens.
    pub(crate) fn struck(&self, life: Life, fault: Fault, detail: impl FnOnce() -> String) {
        self.state().faults.count(fault);
        self.note(life, fault as u64, || format!("FAULT {}{}", fault.as_str(), detail()));
    }

    /// Notes what happens; the number stands for the text where nobody reads it, so the text must be made without a trace of its own.
    pub(crate) fn note(&self, life: Life, what: u64, text: impl FnOnce() -> String) {
        let at = self.time();
        let text = self.is_traced.then(text);
        self.state().trace.add(at, life, what, text);
    }

    /// How long the world has existed.
    pub(crate) fn time(&self) -> Duration {
        catga_core::runtime::now() - self.began
    }

    /// Somebody has something to do.
    pub(crate) fn acted(&self) {
        self.state().activity += 1;
    }

    /// Something comes back by itself after this time.
    pub(crate) fn due_in(&self, delay: Duration) {
        let at = catga_core::runtime::after(delay);
        let mut state = self.state();
        state.due = state.due.max(at);
    }

    /// How much was done, and until when something is known to come back.
    pub(crate) fn activity(&self) -> (u64, Instant) {
        let state = self.state();
        (state.activity, state.due)
    }

    /// What was seen: faults, crash points, the trace with its hash.
    pub(crate) fn records(&self) -> (Faults, Coverage, Vec<Line>, u64) {
        let mut state = self.state();
        let hash = state.trace.hash();
        (state.faults.clone(), state.points.coverage(), state.trace.take(), hash)
    }

    /// The task that runs now.
    fn running(&self) -> Option<usize> {
        self.running.load(Ordering::Relaxed).checked_sub(1)
    }
}

/// What a dead node held, until the broker notices.
pub(crate) type Held = Box<dyn Any + Send>;
