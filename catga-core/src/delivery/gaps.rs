use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the history dropped before this node's subscriptions got it.
#[derive(Debug, Default)]
pub(crate) struct Gaps(Mutex<BTreeMap<String, Missed>>);

#[derive(Clone, Copy, Debug, Default)]
struct Missed {
    all: u64,
    accepted: u64,
}

impl Gaps {
    /// This subscription has missed so many by now.
    pub(super) fn note(&self, subscription: &str, missed: u64) {
        if missed == 0 {
            return;
        }
        let mut gaps = self.lock();
        let gap = gaps.entry(subscription.to_owned()).or_default();
        if gap.all != missed {
            gap.all = missed;
            tracing::error!(subscription, missed, "events were dropped before they were handled");
        }
    }

    /// The subscriptions that have missed events which nobody has accepted, and how many.
    pub(crate) fn open(&self) -> Vec<(String, u64)> {
        let gaps = self.lock();
        let open = gaps.iter().filter(|(_, gap)| gap.all > gap.accepted);
        open.map(|(name, gap)| (name.clone(), gap.all - gap.accepted)).collect()
    }

    /// Somebody has decided that the node goes on without what was missed so far.
    pub(crate) fn accept(&self) {
        self.lock().values_mut().for_each(|gap| gap.accepted = gap.all);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Missed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_open_until_it_is_accepted_and_again_when_it_grows() {
        let gaps = Gaps::default();
        gaps.note("one", 0);
        assert_eq!(gaps.open(), []);
        gaps.note("one", 3);
        assert_eq!(gaps.open(), [("one".to_owned(), 3)]);
        gaps.accept();
        assert_eq!(gaps.open(), []);
        gaps.note("one", 5);
        assert_eq!(gaps.open(), [("one".to_owned(), 2)]);
    }
}
