//! Remembers the last so many keys, each with what is known of it.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// The last keys, at most as many as its capacity; one more drops the oldest.
#[derive(Debug)]
pub(crate) struct Recent<K, V> {
    known: HashMap<K, V>,
    order: VecDeque<K>,
    capacity: usize,
}

impl<K: Copy + Eq + Hash, V> Recent<K, V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { known: HashMap::new(), order: VecDeque::new(), capacity }
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.known.get(key)
    }

    /// Remembers `key`, unless it is known, and what is known then stays. Whether it is new.
    pub(crate) fn remember(&mut self, key: K, value: V) -> bool {
        let Entry::Vacant(entry) = self.known.entry(key) else { return false };
        entry.insert(value);
        if self.order.len() >= self.capacity
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.order.push_back(key);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_more_than_the_capacity_drops_the_oldest() {
        let mut recent = Recent::new(2);
        for key in [1, 2, 1, 3] {
            recent.remember(key, key);
        }
        assert_eq!((recent.get(&1), recent.get(&2), recent.get(&3)), (None, Some(&2), Some(&3)));
        assert_eq!((recent.known.len(), recent.order.len()), (2, 2));
    }

    #[test]
    fn what_is_known_first_stays() {
        let mut recent = Recent::new(2);
        recent.remember(1, "first");
        recent.remember(1, "second");
        assert_eq!(recent.get(&1), Some(&"first"));
    }
}
