use std::{borrow::Cow, collections::BTreeMap};

use super::text::cut;

/// At most so many details are kept.
const MAX_DETAILS: usize = 16;
/// A detail's key has at most so many bytes.
const MAX_KEY: usize = 64;
/// A detail's value has at most so many bytes.
const MAX_VALUE: usize = 1024;

/// A small map from strings to strings, ordered by key, that keeps within its limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Details(BTreeMap<Cow<'static, str>, String>);

impl Details {
    /// Sets a detail. Too long a key or value is cut; a new key that would be one too many is left out.
    pub(super) fn set(&mut self, key: Cow<'static, str>, mut value: String) {
        let key = if key.len() <= MAX_KEY { key } else { cut_key(key) };
        if self.0.len() >= MAX_DETAILS && !self.0.contains_key(&key) {
            return;
        }
        cut(&mut value, MAX_VALUE);
        self.0.insert(key, value);
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_ref(), value.as_str()))
    }
}

fn cut_key(key: Cow<'static, str>) -> Cow<'static, str> {
    let mut key = key.into_owned();
    cut(&mut key, MAX_KEY);
    key.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_detail_too_many_is_left_out_and_a_known_key_is_still_replaced() {
        let mut details = Details::default();
        for number in 0..=MAX_DETAILS {
            details.set(format!("{number:02}").into(), "old".into());
        }
        details.set("00".into(), "new".into());
        assert_eq!(details.iter().len(), 16);
        assert_eq!(details.get("16"), None);
        assert_eq!(details.get("00"), Some("new"));
    }

    #[test]
    fn long_keys_and_values_are_cut() {
        let mut details = Details::default();
        details.set("k".repeat(65).into(), "v".repeat(1025));
        let (key, value) = details.iter().next().unwrap();
        assert_eq!((key.len(), value.len()), (64, 1024));
        assert!(key.ends_with('…') && value.ends_with('…'));
    }
}
