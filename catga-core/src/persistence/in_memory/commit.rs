use crate::error::Result;
use crate::recent::Recent;

use super::super::{Committed, Unit, UnitId};
use super::Limits;
use super::documents::{Documents, Refusal};
use super::marks::Marks;
use super::outbox::Waiting;

/// How many units of work are remembered.
const UNITS: usize = 65_536;

/// All that one service has stored.
#[derive(Debug)]
pub(super) struct State {
    pub(super) documents: Documents,
    pub(super) marks: Marks,
    pub(super) outbox: Waiting,
    /// Whether a unit was committed; `false` for one that may not be any longer.
    units: Recent<UnitId, bool>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            documents: Documents::default(),
            marks: Marks::default(),
            outbox: Waiting::default(),
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
        match self.documents.check(unit.journal.documents(), limits) {
            Ok(()) => {}
            Err(Refusal::Moved) => return Ok(Committed::Moved),
            Err(Refusal::Failed(error)) => return Err(error),
        }
        self.outbox.check(unit.journal.outgoing(), limits)?;

        let (documents, outgoing) = unit.journal.into_parts();
        self.documents.write(documents);
        self.outbox.add(outgoing);
        self.marks.done(unit.mark, unit.answer);
        self.units.remember(unit.id, true);
        Ok(Committed::Done)
    }

    /// Whether a unit was committed; if not, it never will be.
    pub(super) fn resolve(&mut self, unit: UnitId) -> bool {
        self.units.remember(unit, false);
        self.units.get(&unit).copied().unwrap_or(false)
    }
}
