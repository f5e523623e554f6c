use std::slice;
use std::time::Duration;

use crate::context::Outgoing;
use crate::error::Result;
use crate::recent::Recent;
use crate::runtime;

use super::super::{Committed, DeadLetter, Decided, Decision, Held, LetterId, Unit, UnitId, UnitMark};
use super::Limits;
use super::decisions::Decisions;
use super::documents::{Documents, Refusal};
use super::letters::Letters;
use super::marks::{Marks, Standing};
use super::outbox::Waiting;
use super::pauses::Pauses;
use super::positions::Positions;

/// How many units of work are remembered.
const UNITS: usize = 65_536;

/// All that one service has stored.
#[derive(Debug)]
pub(super) struct State {
    pub(super) documents: Documents,
    pub(super) marks: Marks,
    pub(super) outbox: Waiting,
    pub(super) letters: Letters,
    pub(super) decisions: Decisions,
    pub(super) positions: Positions,
    pub(super) pauses: Pauses,
    /// Whether a unit was committed; `false` for one that may not be any longer.
    units: Recent<UnitId, bool>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            documents: Documents::default(),
            marks: Marks::default(),
            outbox: Waiting::default(),
            letters: Letters::default(),
            decisions: Decisions::default(),
            positions: Positions::default(),
            pauses: Pauses::default(),
            units: Recent::new(UNITS),
        }
    }
}

impl State {
    /// Checks everything, then writes everything.
    pub(super) fn commit(&mut self, unit: Unit, limits: &Limits) -> Result<Committed> {
        if let Some(was_committed) = self.units.get(&unit.id) {
            return Ok(if *was_committed { Committed::Done } else { Committed::Lost });
        }
        if let Some(forbidden) = self.marks.check(&unit.mark, &unit.answer, limits)? {
            return Ok(forbidden);
        }
        if let UnitMark::Position { held, .. } = &unit.mark
            && !self.positions.is_held(held)
        {
            return Ok(Committed::Lost);
        }
        match self.documents.check(unit.journal.documents(), limits) {
            Ok(()) => {}
            Err(Refusal::Moved) => return Ok(Committed::Moved),
            Err(Refusal::Failed(error)) => return Err(error),
        }
        self.outbox.check(unit.journal.outgoing(), limits)?;

        let (documents, outgoing) = unit.journal.into_parts();
        self.documents.write(documents);
        self.outbox.add(outgoing);
        match unit.mark {
            UnitMark::Position { held, position } => drop(self.positions.save(&held, position)),
            mark => self.marks.done(mark, unit.answer),
        }
        self.units.remember(unit.id, true);
        Ok(Committed::Done)
    }

    /// Frees the mark, and keeps the message until it is due.
    pub(super) fn put_off(&mut self, held: &Held, again: Outgoing, delay: Duration, limits: &Limits) -> Result<bool> {
        match self.marks.standing(held) {
            Standing::Held => {}
            standing => return Ok(standing == Standing::PutOff),
        }
        self.outbox.check(slice::from_ref(&again), limits)?;

        self.outbox.put_off(again, delay);
        self.marks.put_off(held);
        Ok(true)
    }

    /// Ends the mark, and keeps the letter.
    pub(super) fn bury(&mut self, letter: DeadLetter, held: Option<&Held>, limits: &Limits) -> Result<bool> {
        match held.map_or(Standing::Held, |held| self.marks.standing(held)) {
            Standing::Held => {}
            standing => return Ok(standing == Standing::Buried),
        }
        self.letters.check(&letter, limits)?;

        if let Some(held) = held {
            self.marks.bury(held);
        }
        let replaced = self.letters.add(letter, held.map(|held| held.mark.clone()));
        if let Some(mark) = replaced {
            self.marks.expire(&mark);
        }
        Ok(true)
    }

    /// Puts the letter's message out again, and frees its mark.
    pub(super) fn replay(&mut self, id: &LetterId, again: Outgoing, by: &str, limits: &Limits) -> Result<bool> {
        if self.letters.get(id).is_none() {
            return Ok(false);
        }
        self.outbox.check(slice::from_ref(&again), limits)?;

        if let Some(mark) = self.letters.remove(id).flatten() {
            self.marks.free_again(&mark);
        }
        self.outbox.add(vec![again]);
        self.decisions.record(Decision::new(Decided::Replayed(id.clone()), by, runtime::unix_millis()));
        Ok(true)
    }

    /// Removes the letter; its mark stays dead.
    pub(super) fn discard(&mut self, id: &LetterId, by: &str) -> bool {
        let Some(mark) = self.letters.remove(id) else { return false };
        if let Some(mark) = mark {
            self.marks.expire(&mark);
        }
        self.decisions.record(Decision::new(Decided::Discarded(id.clone()), by, runtime::unix_millis()));
        true
    }

    pub(super) fn pause(&mut self, handler: &str, by: &str, limits: &Limits) -> Result<()> {
        let decision = Decision::new(Decided::Paused(handler.to_owned()), by, runtime::unix_millis());
        if self.pauses.pause(handler, &decision, limits)? {
            self.decisions.record(decision);
        }
        Ok(())
    }

    pub(super) fn resume(&mut self, handler: &str, by: &str) -> bool {
        let was_paused = self.pauses.resume(handler);
        if was_paused {
            self.decisions.record(Decision::new(Decided::Resumed(handler.to_owned()), by, runtime::unix_millis()));
        }
        was_paused
    }

    /// Whether a unit was committed; if not, it never will be.
    pub(super) fn resolve(&mut self, unit: UnitId) -> bool {
        self.units.remember(unit, false);
        self.units.get(&unit).copied().unwrap_or(false)
    }
}
