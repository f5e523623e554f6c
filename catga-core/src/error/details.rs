use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, Serialize, de};

use super::text::Text;

/// At most so many details are kept.
const MAX_DETAILS: usize = 16;

/// A detail's name.
type Key = Text<64>;
/// What a detail says.
type Value = Text<1024>;

/// A small map from texts to texts, ordered by key, that keeps within its limits.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(super) struct Details(BTreeMap<Key, Value>);

impl Details {
    /// Sets a detail; a new key that would be one too many is left out.
    pub(super) fn set(&mut self, key: &str, value: &str) {
        self.insert(key.into(), value.into());
    }

    /// Sets a detail; where there is no place for its key, the last one gives way.
    pub(super) fn set_at_all_costs(&mut self, key: &str, value: &str) {
        if self.0.len() >= MAX_DETAILS && self.get(key).is_none() {
            self.0.pop_last();
        }
        self.set(key, value);
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(|value| &**value)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }

    fn insert(&mut self, key: Key, value: Value) {
        if self.0.len() < MAX_DETAILS || self.0.contains_key(&key) {
            self.0.insert(key, value);
        }
    }
}

impl fmt::Debug for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<'de> Deserialize<'de> for Details {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Details;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map from texts to texts")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Details, A::Error> {
                let mut details = Details::default();
                while let Some((key, value)) = map.next_entry()? {
                    details.insert(key, value);
                }
                Ok(details)
            }
        }

        deserializer.deserialize_map(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Details {
        let mut details = Details::default();
        for number in 0..MAX_DETAILS {
            details.set(&format!("{number:02}"), "old");
        }
        details
    }

    #[test]
    fn one_detail_too_many_is_left_out_and_a_known_key_is_still_replaced() {
        let mut details = full();
        details.set("16", "new");
        details.set("00", "new");
        assert_eq!(details.iter().len(), 16);
        assert_eq!(details.get("16"), None);
        assert_eq!(details.get("00"), Some("new"));
    }

    #[test]
    fn a_detail_at_all_costs_takes_the_place_of_the_last_one() {
        let mut details = full();
        details.set_at_all_costs("0", "new");
        assert_eq!(details.iter().len(), 16);
        assert_eq!((details.get("0"), details.get("15")), (Some("new"), None));
    }

    #[test]
    fn long_keys_and_values_are_cut() {
        let mut details = Details::default();
        details.set(&"k".repeat(65), &"v".repeat(1025));
        let (key, value) = details.iter().next().unwrap();
        assert_eq!((key.len(), value.len()), (64, 1024));
        assert!(key.ends_with('…') && value.ends_with('…'));
    }
}
