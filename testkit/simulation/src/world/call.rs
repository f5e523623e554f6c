use std::future::{Future, pending};
use std::sync::Arc;
use std::time::Duration;

use catga_core::runtime;
use catga_core::{Error, Result};
use tokio::sync::oneshot;

use super::{Fault, Life, Method, OUTSIDE, World};

/// How long a call waits for what doesn't answer.
const TIME_LIMIT: Duration = Duration::from_millis(400);

/// What is at the other end of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seam {
    Broker,
    Store,
}

/// What a call may say when its answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// That it isn't known what became of it.
    Unknown,
    /// That nothing came of it: it only reads, or looks at what it has done as at nothing.
    Nothing,
}

impl Loss {
    fn error(self) -> Error {
        match self {
            Self::Unknown => Error::outcome_unknown("simulated: no answer came in time"),
            Self::Nothing => unreachable(),
        }
    }
}

/// That a call never got there.
pub(crate) fn unreachable() -> Error {
    Error::unavailable("simulated: there is no connection")
}

/// What becomes of one call.
enum Fate {
    Refused,
    CallLost,
    Goes { out: Duration, back: Duration, answer_lost: bool },
}

impl World {
    /// Makes a call over a seam as `life`: it may be late, refused or lost, or the last thing that `life` does. What has left goes on though its
    /// caller be dropped.
    pub(crate) async fn call<T: Send + 'static>(
        self: &Arc<Self>,
        life: Life,
        (seam, method): (Seam, Method),
        loss: Loss,
        call: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        self.pass(life, method, false).await;
        if self.cut_until(life, seam).is_some() {
            self.note(life, method as u64, || format!("{}: no connection", method.as_str()));
            runtime::sleep(TIME_LIMIT).await;
            return Err(unreachable());
        }
        let outcome = match self.fate(life) {
            Fate::Refused => Err(unreachable()),
            Fate::CallLost => {
                runtime::sleep(TIME_LIMIT).await;
                Err(loss.error())
            }
            Fate::Goes { out, back, answer_lost } => {
                let answer = self.sent(out, call).await;
                if answer_lost || self.cut_until(life, seam).is_some() {
                    self.keep_for_a_while(answer);
                    runtime::sleep(TIME_LIMIT).await;
                    Err(loss.error())
                } else {
                    if !back.is_zero() {
                        runtime::sleep(back).await;
                    }
                    answer
                }
            }
        };
        self.pass(life, method, true).await;
        self.note(life, method as u64 | 0x100 | u64::from(outcome.is_err()) << 9, || {
            let how = outcome.as_ref().err().map_or_else(|| "ok".to_owned(), ToString::to_string);
            format!("{}: {how}", method.as_str())
        });
        outcome
    }

    /// What becomes of the next call.
    fn fate(&self, life: Life) -> Fate {
        let profile = &self.profile;
        if self.strikes(life, Fault::Refused, profile.refused) {
            return Fate::Refused;
        }
        if self.strikes(life, Fault::CallLost, profile.call_lost) {
            return Fate::CallLost;
        }
        let answer_lost = self.strikes(life, Fault::AnswerLost, profile.answer_lost);
        let way = || {
            if self.strikes(life, Fault::Delayed, profile.delayed) {
                self.draw(|chance| chance.millis(100, 4000))
            } else {
                self.latency()
            }
        };
        Fate::Goes { out: way(), back: way(), answer_lost }
    }

    /// How long something is on its way, where nothing goes wrong.
    pub(crate) fn latency(&self) -> Duration {
        let state = &mut *self.state();
        let is_slow = state.faulty_since.is_some() && state.chance.chance(self.profile.slow);
        if is_slow { state.chance.millis(1, 20) } else { Duration::ZERO }
    }

    /// Lets a call be made after a while, whatever becomes of who made it.
    async fn sent<T: Send + 'static>(
        self: &Arc<Self>,
        after: Duration,
        call: impl Future<Output = T> + Send + 'static,
    ) -> T {
        if after.is_zero() {
            return self.outside(call).await;
        }
        let (tell, told) = oneshot::channel();
        let on_its_way = async move {
            runtime::sleep(after).await;
            // Nobody hears it where its caller is gone.
            drop(tell.send(call.await));
        };
        self.within(OUTSIDE, || runtime::spawn(on_its_way));
        match told.await {
            Ok(answer) => answer,
            Err(_) => pending().await,
        }
    }

    /// What nobody got stays on its way for a while.
    pub(crate) fn keep_for_a_while(self: &Arc<Self>, lost: impl Send + 'static) {
        let keeping = async move {
            runtime::sleep(Duration::from_secs(5)).await;
            drop(lost);
        };
        self.within(OUTSIDE, || runtime::spawn(keeping));
    }

    /// Passes a crash point; a life that ends here goes no further.
    pub(crate) async fn pass(self: &Arc<Self>, life: Life, method: Method, is_after: bool) {
        let crashes = {
            let (running, now) = (self.running(), runtime::now());
            let state = &mut *self.state();
            if !method.is_idle() {
                state.activity += 1;
            }
            if !state.lives.is_alive(life) {
                Some(None)
            } else if let Some(task) = running {
                let kind = state.lives.tasks[task].kind;
                let faulty_for = state.faulty_since.map(|since| now - since);
                let wants = state.points.pass(kind, method, is_after, faulty_for);
                let is_armed = wants && state.faults.of(Fault::Crashed) < self.profile.crashes;
                if life != OUTSIDE && state.faulty_since.is_some() && (is_armed | state.lives.dies_here(life)) {
                    state.points.crash(kind, method, is_after);
                    Some(Some(state.points.task(kind)))
                } else {
                    None
                }
            } else {
                None
            }
        };
        match crashes {
            None => (),
            Some(task) => {
                if let Some(task) = task {
                    let side = if is_after { "after" } else { "before" };
                    self.struck(life, Fault::Crashed, || format!(" in {task}, {side} {}", method.as_str()));
                    self.kill(life);
                }
                pending().await
            }
        }
    }
}
