use std::collections::VecDeque;

use super::super::Decision;

/// How many are remembered.
const MOST: usize = 10_000;

/// What people decided, the newest first.
#[derive(Debug, Default)]
pub(super) struct Decisions(VecDeque<Decision>);

impl Decisions {
    /// Records one, and forgets the oldest where there are too many.
    pub(super) fn record(&mut self, decision: Decision) {
        self.0.truncate(MOST - 1);
        self.0.push_front(decision);
    }

    pub(super) fn newest(&self, limit: usize) -> Vec<Decision> {
        self.0.iter().take(limit).cloned().collect()
    }
}
