use serde::Serialize;

/// Whether a node can do its work now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Health {
    /// Why it isn't ready, for people; empty if it is.
    pub reasons: Vec<String>,
}

impl Health {
    /// Whether it takes messages and can handle them.
    pub fn is_ready(&self) -> bool {
        self.reasons.is_empty()
    }
}
