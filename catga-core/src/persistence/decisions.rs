use serde::{Deserialize, Serialize};

use super::LetterId;

/// What a person decided, kept so that others can see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What.
    pub what: Decided,
    /// Who, as the caller said.
    pub by: String,
    /// When, in milliseconds since 1970.
    pub at: u64,
}

/// What can be decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decided {
    /// A dead letter was replayed.
    Replayed(LetterId),
    /// A dead letter was discarded.
    Discarded(LetterId),
    /// The handler of this identity was paused.
    Paused(String),
    /// The handler of this identity was resumed.
    Resumed(String),
}

impl Decision {
    /// How many bytes of a decider's name are kept.
    pub const MAX_BY: usize = 256;

    /// This decision; a longer name is cut.
    pub fn new(what: Decided, by: &str, at: u64) -> Self {
        let ends = by.char_indices().map(|(start, char)| start + char.len_utf8());
        let end = ends.take_while(|end| *end <= Self::MAX_BY).last().unwrap_or_default();
        Self { what, by: by[..end].to_owned(), at }
    }
}
