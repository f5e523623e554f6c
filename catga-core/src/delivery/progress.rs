use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Notify};
use tokio_util::sync::CancellationToken;

use crate::context::Journal;
use crate::error::{Code, Result};
use crate::persistence::{
    Committed, HeldPosition, Position, PositionName, Store, StoredAnswer, Unit, UnitId, UnitMark,
};
use crate::runtime;

use super::commit::commit_resolved;

/// How often a position that moved is saved, where no commit saves it.
const SAVE_EVERY: Duration = Duration::from_secs(1);

/// How far a `resume` handler of this node has come.
///
/// What its runs wrote is committed together with the position. Runs that wrote nothing move it in this process alone; it is saved now and then,
/// so an event costs no store call, and after a crash the handler sees the last ones again.
pub(crate) struct Progress {
    store: Arc<dyn Store>,
    held: HeldPosition,
    state: Mutex<State>,
    filled: Notify,
    /// Ends when another node has taken the position over.
    lost: CancellationToken,
}

struct State {
    position: Position,
    is_saved: bool,
    /// A commit whose outcome isn't known yet, and the event that it is for. Nothing else is saved before that is known: it would undo the
    /// position that may have been saved with it.
    open: Option<(UnitId, u64)>,
}

impl Progress {
    /// Takes the position over from whoever had it.
    ///
    /// # Errors
    ///
    /// The store is away.
    pub(crate) async fn take(store: Arc<dyn Store>, name: PositionName) -> Result<Self> {
        let (token, position) = store.take_position(&name).await?;
        let state = State { position: position.unwrap_or_else(|| Position::new(0)), is_saved: true, open: None };
        let held = HeldPosition { name, token };
        Ok(Self { store, held, state: Mutex::new(state), filled: Notify::new(), lost: CancellationToken::new() })
    }

    /// The first event that is to be seen.
    pub(crate) async fn start(&self) -> u64 {
        self.state.lock().await.position.start()
    }

    /// Ends when another node has taken the position over: this one has nothing more to do.
    pub(super) fn lost(&self) -> &CancellationToken {
        &self.lost
    }

    /// Whether the handler is through with this event. If it isn't, it is a hole of the position from now on; where there are too many, it
    /// waits until one is filled. Cancel safe.
    pub(super) async fn has(&self, sequence: u64) -> bool {
        loop {
            let filled = self.filled.notified();
            {
                let mut state = self.state.lock().await;
                if state.position.is_done(sequence) {
                    return true;
                }
                if state.position.arrived(sequence) {
                    return false;
                }
            }
            filled.await;
        }
    }

    /// The handler is through with this event.
    pub(super) async fn note(&self, sequence: u64) {
        let mut state = self.state.lock().await;
        state.position.done(sequence);
        state.is_saved = false;
        self.filled.notify_waiters();
    }

    /// Commits what a run for this event did, together with the position. One after the other, so that each commit saves what those before it
    /// have.
    pub(super) async fn commit(&self, sequence: u64, journal: Journal) -> Result<Committed> {
        if journal.is_idle() {
            return Ok(Committed::Done);
        }
        let mut state = self.state.lock().await;
        self.close(&mut state).await?;
        if state.position.is_done(sequence) {
            // By a run before, which was told nothing of its commit.
            return Ok(Committed::Done);
        }
        let mut position = state.position.clone();
        position.done(sequence);
        let mark = UnitMark::Position { held: self.held.clone(), position: position.clone() };
        let id = UnitId::new();
        let unit = Unit { id, mark, journal, answer: StoredAnswer::default() };
        state.open = Some((id, sequence));
        let committed = commit_resolved(self.store.clone(), unit).await;
        if !committed.as_ref().is_err_and(|error| error.code() == Code::OutcomeUnknown) {
            state.open = None;
        }
        match &committed {
            Ok(Committed::Done) => *state = State { position, is_saved: true, open: None },
            Ok(Committed::Lost) => self.give_up(),
            Ok(Committed::Moved | Committed::DoneBefore(_)) | Err(_) => {}
        }
        committed
    }

    /// Asks what became of a commit that was left open.
    async fn close(&self, state: &mut State) -> Result<()> {
        if let Some((unit, sequence)) = state.open {
            if self.store.resolve(unit).await? {
                state.position.done(sequence);
                self.filled.notify_waiters();
            }
            state.open = None;
        }
        Ok(())
    }

    /// Saves the position if it has moved. A store that is away gets it the next time.
    pub(super) async fn save(&self) {
        let mut state = self.state.lock().await;
        if state.is_saved {
            return;
        }
        if let Err(error) = self.close(&mut state).await {
            return tracing::debug!(error = %error.chain(), "a commit is open; a position is saved when its outcome is known");
        }
        match self.store.save_position(&self.held, &state.position).await {
            Ok(true) => state.is_saved = true,
            Ok(false) => self.give_up(),
            Err(error) => tracing::debug!(error = %error.chain(), "a position couldn't be saved; it is tried again"),
        }
    }

    /// Saves the position again and again, until the node stops.
    pub(super) async fn keep(self: Arc<Self>, stopping: CancellationToken) {
        while !self.lost.is_cancelled() && stopping.run_until_cancelled(runtime::sleep(SAVE_EVERY)).await.is_some() {
            self.save().await;
        }
    }

    fn give_up(&self) {
        let PositionName { node, handler } = &self.held.name;
        tracing::error!(node, handler, "another node of this name goes on with this handler's events: this one stops");
        self.lost.cancel();
    }
}
