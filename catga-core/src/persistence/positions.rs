use std::collections::BTreeSet;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::error::Result;

use super::Token;

/// Remembers how far each handler that goes on where it stopped (`resume`) has come: one record for a node and a handler, instead of a mark
/// for each message.
///
/// A record is fenced: whoever takes it over shuts out whoever had it before. It is saved alone, or
/// [with a unit of work](super::UnitMark::Position).
#[async_trait]
pub trait Positions: Send + Sync {
    /// Takes the position over: whoever held it before can't save it any longer. With what proves it, and what was saved last.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::Code::Unavailable): the store is away, or has no place for another position.
    /// [`OutcomeUnknown`](crate::Code::OutcomeUnknown): call again.
    async fn take_position(&self, name: &PositionName) -> Result<(Token, Option<Position>)>;

    /// Saves the position. `false` if somebody else has taken it over, and then nothing is saved.
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::Code::Unavailable) or [`OutcomeUnknown`](crate::Code::OutcomeUnknown): call again.
    async fn save_position(&self, held: &HeldPosition, position: &Position) -> Result<bool>;
}

/// A position's name within the service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PositionName {
    /// The node.
    pub node: String,
    /// The handler's identity.
    pub handler: String,
}

/// A position that was taken over, and the proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldPosition {
    /// The position.
    pub name: PositionName,
    /// The proof.
    pub token: Token,
}

/// How far a handler has come in a stream: every event before `next` is done, except for the holes.
///
/// ```
/// use catga_core::persistence::Position;
///
/// let mut position = Position::new(5);
/// // Two events are being handled; the one of 6 isn't for this handler.
/// assert!(position.arrived(5) && position.arrived(7));
/// position.done(7);
/// assert!(position.is_done(7) && !position.is_done(5));
/// // A node that starts again reads from the first one that isn't done.
/// assert_eq!(position.start(), 5);
/// position.done(5);
/// assert_eq!(position.start(), 8);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    next: u64,
    holes: BTreeSet<u64>,
}

impl Position {
    /// The most holes that one may have.
    pub const MAX_HOLES: usize = 1_000;

    /// Nothing is done from this sequence on, and nothing before it is to be done.
    pub fn new(next: u64) -> Self {
        Self { next, holes: BTreeSet::new() }
    }

    /// Behind everything that has arrived.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// What has arrived and isn't done.
    pub fn holes(&self) -> &BTreeSet<u64> {
        &self.holes
    }

    /// From where the stream is to be read again.
    pub fn start(&self) -> u64 {
        self.holes.first().copied().unwrap_or(self.next)
    }

    /// Whether the event of this sequence needn't be handled any more.
    pub fn is_done(&self, sequence: u64) -> bool {
        sequence < self.next && !self.holes.contains(&sequence)
    }

    /// Notes that the event of this sequence has arrived, in the order of the stream, and is to be handled: whatever lies between it and the
    /// one before it isn't for this handler. `false` if it would be one hole too many; nothing is noted then, and the handler has to finish
    /// another event first.
    #[must_use]
    pub fn arrived(&mut self, sequence: u64) -> bool {
        if sequence < self.next {
            return true;
        }
        let has_room = self.holes.len() < Self::MAX_HOLES;
        if has_room {
            self.holes.insert(sequence);
            self.next = sequence.saturating_add(1);
        }
        has_room
    }

    /// Notes that an event that has arrived is done. Of any other nothing is noted.
    pub fn done(&mut self, sequence: u64) {
        self.holes.remove(&sequence);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_out_of_order_leaves_holes_that_can_be_filled() {
        let mut position = Position::new(1);
        for sequence in 1..=4 {
            assert!(position.arrived(sequence));
        }
        position.done(2);
        position.done(4);
        assert_eq!((1..=5).filter(|sequence| position.is_done(*sequence)).collect::<Vec<_>>(), [2, 4]);
        assert_eq!(position.start(), 1);
        position.done(1);
        assert_eq!(position.start(), 3);
        position.done(3);
        assert_eq!((position.start(), position.holes().len()), (5, 0));
    }

    #[test]
    fn what_comes_again_is_neither_a_new_hole_nor_undone() {
        let mut position = Position::new(1);
        assert!(position.arrived(1));
        position.done(1);
        assert!(position.arrived(1));
        assert!(position.is_done(1));
        position.done(9);
        assert!(!position.is_done(9), "it hasn't arrived");
    }

    #[test]
    fn one_hole_too_many_isnt_noted_until_another_is_filled() {
        let mut position = Position::new(0);
        for sequence in 0..Position::MAX_HOLES as u64 {
            assert!(position.arrived(sequence));
        }
        let before = position.clone();
        assert!(!position.arrived(5_000));
        assert_eq!(position, before);
        position.done(7);
        assert!(position.arrived(5_000));
        assert_eq!(position.holes().len(), Position::MAX_HOLES);
        assert!(!position.is_done(5_000));
    }
}
