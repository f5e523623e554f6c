use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use catga_core::Result;
use catga_core::context::Journal;
use catga_core::persistence::{
    Begun, Committed, Entry, EntryId, Held, Mark, MarkName, Relay, Store, StoredAnswer, Token, Unit, UnitId, UnitMark,
};
use catga_core::runtime;

use super::Server;
use crate::sabotage::Sabotage;
use crate::world::OUTSIDE;

/// Who begins each mark at the moment.
#[derive(Default)]
pub(super) struct Tokens(Mutex<BTreeMap<MarkName, Token>>);

/// What the server does in another way than it promises. Without a sabotage, nothing.
impl Server {
    /// Leases as they are asked for, or without an end.
    pub(super) fn stretched(&self, lease: Duration) -> Duration {
        if self.world.is_sabotaged(Sabotage::EternalLease) { Duration::from_secs(1_000_000) } else { lease }
    }

    /// Marks as they are asked for, or soon forgotten.
    pub(super) fn shortened(&self, marks: &[Mark]) -> Vec<Mark> {
        let mut marks = marks.to_vec();
        if self.world.is_sabotaged(Sabotage::ShortRetention) {
            marks.iter_mut().for_each(|mark| mark.retention = Duration::from_millis(1));
        }
        marks
    }

    pub(super) fn remember(&self, marks: &[Mark], begun: &[Begun]) {
        if !self.world.is_sabotaged(Sabotage::NoFencing) {
            return;
        }
        let mut tokens = self.tokens.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (mark, begun) in marks.iter().zip(begun) {
            if let Begun::New { token, .. } = begun {
                tokens.insert(mark.name.clone(), *token);
            }
        }
    }

    pub(super) async fn commit(&self, inner: &dyn Store, mut unit: Unit) -> Result<Committed> {
        match self.world.sabotage {
            Some(Sabotage::NoFencing) => {
                if let UnitMark::Held(held) = &unit.mark
                    && !self.holds(held)
                {
                    self.world.note(OUTSIDE, 8, || "SABOTAGE: a stale token commits".to_owned());
                    unit.mark = UnitMark::None;
                }
                inner.commit(unit).await
            }
            Some(Sabotage::MarkApart) => self.commit_apart(inner, unit).await,
            Some(Sabotage::ShortRetention) => {
                if let UnitMark::Held(held) = &mut unit.mark {
                    held.mark.retention = Duration::from_millis(1);
                }
                inner.commit(unit).await
            }
            _ => inner.commit(unit).await,
        }
    }

    fn holds(&self, held: &Held) -> bool {
        let tokens = self.tokens.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.get(&held.mark.name) == Some(&held.token)
    }

    /// Writes the mark in a second step, which a crash of the store's connection can keep from coming.
    async fn commit_apart(&self, inner: &dyn Store, unit: Unit) -> Result<Committed> {
        let Unit { id, mark, journal, answer } = unit;
        let rest = Unit { id, mark: UnitMark::None, journal, answer: StoredAnswer::default() };
        let committed = inner.commit(rest).await?;
        if committed != Committed::Done {
            return Ok(committed);
        }
        runtime::sleep(Duration::from_millis(1)).await;
        if self.world.draw(|chance| chance.chance(50)) {
            self.world.note(OUTSIDE, 9, || "SABOTAGE: a mark isn't written".to_owned());
            return Ok(Committed::Lost);
        }
        inner.commit(Unit { id: UnitId::new(), mark, journal: Journal::default(), answer }).await
    }

    pub(super) async fn resolve(&self, inner: &dyn Store, unit: UnitId) -> Result<bool> {
        let was_committed = inner.resolve(unit).await?;
        Ok(was_committed || self.world.is_sabotaged(Sabotage::GuessedResolve))
    }

    pub(super) async fn entries(
        &self,
        inner: &dyn Store,
        relay: Relay,
        after: Option<EntryId>,
        limit: usize,
    ) -> Result<Vec<Entry>> {
        let entries = inner.entries(relay, after, limit).await?;
        if self.world.is_sabotaged(Sabotage::SettleBeforePublish) {
            let ids: Vec<_> = entries.iter().map(|entry| entry.id).collect();
            inner.settle(relay, &ids).await?;
        }
        Ok(entries)
    }
}
