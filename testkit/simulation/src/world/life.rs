use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use catga_core::runtime::{self, Instant};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use super::{Fault, Held, Seam, World};

/// One run of a node, from its start to its death; a node that starts again lives another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Life(pub(crate) u16);

/// Whoever isn't a node: the broker, the store, the users.
pub(crate) const OUTSIDE: Life = Life(u16::MAX);

/// All lives so far, and the tasks of all.
#[derive(Default)]
pub(super) struct Lives {
    lives: Vec<One>,
    pub(super) tasks: Vec<Task>,
    /// Whose the task is that is started next, where that isn't the one who starts it.
    pub(super) adopted: Option<Life>,
}

/// A task of a life.
pub(super) struct Task {
    pub(super) life: Life,
    pub(super) kind: usize,
    pub(super) end: Option<AbortHandle>,
    pub(super) is_ended: bool,
}

#[derive(Default)]
struct One {
    name: String,
    is_dead: bool,
    is_paused: bool,
    /// Who goes on when the pause is over.
    waiting: Vec<Waker>,
    /// Until when it is cut off from the broker and from the store.
    cut_until: [Option<Instant>; 2],
    /// How many milliseconds its clock is off.
    skew: i64,
    /// After how many more passes of crash points it dies.
    dies_in: Option<u32>,
    held: Vec<Held>,
    /// Who waits for its death.
    mourners: Vec<oneshot::Sender<()>>,
    /// Until when the broker doesn't know that it is dead.
    unnoticed_until: Option<Instant>,
}

impl Lives {
    fn of(&self, life: Life) -> Option<&One> {
        self.lives.get(usize::from(life.0))
    }

    fn of_mut(&mut self, life: Life) -> Option<&mut One> {
        self.lives.get_mut(usize::from(life.0))
    }

    pub(super) fn is_alive(&self, life: Life) -> bool {
        self.of(life).is_none_or(|one| !one.is_dead)
    }

    pub(super) fn skew(&self, life: Life) -> i64 {
        self.of(life).map_or(0, |one| one.skew)
    }

    /// Whether it may go on; if not for now, `waker` is kept.
    pub(super) fn may_go_on(&mut self, life: Life, waker: &Waker) -> bool {
        let Some(one) = self.of_mut(life) else { return true };
        if one.is_paused && !one.is_dead {
            one.waiting.push(waker.clone());
        }
        !one.is_dead && !one.is_paused
    }

    /// Counts down to a death that was decided before; whether it is here.
    pub(super) fn dies_here(&mut self, life: Life) -> bool {
        let Some(one) = self.of_mut(life) else { return false };
        match &mut one.dies_in {
            Some(0) => true,
            Some(left) => {
                *left -= 1;
                false
            }
            None => false,
        }
    }
}

impl World {
    /// A node begins to live under this name, with a clock that is so many milliseconds off.
    pub(crate) fn born(&self, name: &str, skew: i64) -> Life {
        let life = {
            let lives = &mut self.state().lives;
            lives.lives.push(One { name: name.to_owned(), skew, ..One::default() });
            Life((lives.lives.len() - 1) as u16)
        };
        self.note(life, 1, || format!("`{name}` is started; its clock is {skew} ms off"));
        life
    }

    /// Starts tasks as this life.
    pub(crate) fn within<T>(&self, life: Life, start: impl FnOnce() -> T) -> T {
        self.state().lives.adopted = Some(life);
        let started = start();
        self.state().lives.adopted = None;
        started
    }

    /// Ends a life as SIGKILL does: none of its tasks goes on, and nobody is told. The broker notices after a while.
    pub(crate) fn kill(self: &Arc<Self>, life: Life) {
        let (ends, notices) = {
            let state = &mut *self.state();
            let notices = state.chance.millis(0, self.profile.notices_within);
            let Some(one) = state.lives.of_mut(life) else { return };
            if one.is_dead {
                return;
            }
            one.is_dead = true;
            one.unnoticed_until = Some(runtime::after(notices));
            // That nobody holds the other end any longer is news enough.
            one.mourners.clear();
            let tasks = state.lives.tasks.iter_mut().filter(|task| task.life == life && !task.is_ended);
            (tasks.filter_map(|task| task.end.take()).collect::<Vec<_>>(), notices)
        };
        self.note(life, 2, || format!("dies; the broker notices after {notices:?}"));
        for end in ends {
            end.abort();
        }
        self.due_in(notices);
        let world = self.clone();
        let noticing = async move {
            runtime::sleep(notices).await;
            world.notice();
        };
        self.within(OUTSIDE, || runtime::spawn(noticing));
    }

    /// Waits until this life has ended.
    pub(crate) async fn death(&self, life: Life) {
        let (mourner, news) = oneshot::channel();
        match self.state().lives.of_mut(life) {
            Some(one) if !one.is_dead => one.mourners.push(mourner),
            _ => drop(mourner),
        }
        drop(news.await);
    }

    /// Lets none of its tasks go on, while time does.
    pub(crate) fn pause(&self, life: Life, time: Duration) {
        if let Some(one) = self.state().lives.of_mut(life) {
            one.is_paused = true;
        }
        self.struck(life, Fault::Paused, || format!(" for {time:?}"));
    }

    pub(crate) fn resume(&self, life: Life) {
        let waiting = match self.state().lives.of_mut(life) {
            Some(one) => {
                one.is_paused = false;
                std::mem::take(&mut one.waiting)
            }
            None => return,
        };
        self.note(life, 3, || "goes on".to_owned());
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Cuts it off from broker or store.
    pub(crate) fn cut(&self, life: Life, from: Seam, time: Duration) {
        let until = runtime::after(time);
        if let Some(one) = self.state().lives.of_mut(life) {
            let cut = &mut one.cut_until[from as usize];
            *cut = (*cut).max(Some(until));
        }
        self.struck(life, Fault::cut(from), || format!(" for {time:?}"));
    }

    /// Ends what cuts lives off, and all pauses.
    pub(crate) fn heal(&self) {
        let paused: Vec<_> = {
            let lives = &mut self.state().lives.lives;
            for one in lives.iter_mut() {
                one.cut_until = [None, None];
                one.dies_in = None;
            }
            let paused = lives.iter().enumerate().filter(|(_, one)| one.is_paused && !one.is_dead);
            paused.map(|(place, _)| Life(place as u16)).collect()
        };
        for life in paused {
            self.resume(life);
        }
    }

    /// Until when this life is cut off.
    pub(crate) fn cut_until(&self, life: Life, from: Seam) -> Option<Instant> {
        let until = self.state().lives.of(life)?.cut_until[from as usize]?;
        (until > runtime::now()).then_some(until)
    }

    /// It dies when it has passed so many more crash points.
    pub(crate) fn dies_in(&self, life: Life, points: u32) {
        if let Some(one) = self.state().lives.of_mut(life) {
            one.dies_in = Some(points);
        }
    }

    /// Its clock jumps.
    pub(crate) fn set_clock(&self, life: Life, skew: i64) {
        if let Some(one) = self.state().lives.of_mut(life) {
            one.skew = skew;
        }
        self.struck(life, Fault::ClockJumped, || format!(" to {skew} ms"));
    }

    /// Keeps what a dead life held, until the broker notices its death. What others held is dropped at once.
    pub(crate) fn let_go(&self, life: Life, held: impl Send + 'static) {
        let mut held = Some(held);
        if let Some(one) = self.state().lives.of_mut(life)
            && one.unnoticed_until.is_some()
        {
            one.held.extend(held.take().map(|held| Box::new(held) as Held));
        }
        drop(held);
    }

    /// Until when the broker takes a node of this name for living, though it is dead.
    pub(crate) fn unnoticed_until(&self, name: &str) -> Option<Instant> {
        let state = self.state();
        state.lives.lives.iter().filter(|one| one.name == name).filter_map(|one| one.unnoticed_until).max()
    }

    /// The broker notices who is dead.
    fn notice(&self) {
        let now = runtime::now();
        let noticed: Vec<_> = {
            let lives = &mut self.state().lives.lives;
            let gone = lives.iter_mut().filter(|one| one.unnoticed_until.is_some_and(|until| until <= now));
            gone.flat_map(|one| {
                one.unnoticed_until = None;
                std::mem::take(&mut one.held)
            })
            .collect()
        };
        drop(noticed);
    }
}
