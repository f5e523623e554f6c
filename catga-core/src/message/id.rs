use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::Error;

/// The id of a message: a UUID v7 ([RFC 9562](https://www.rfc-editor.org/rfc/rfc9562)), so that ids made later sort later.
///
/// A command that a handler sends which may run again has one of version 8 instead, derived from its sender: the next run sends it under the
/// same id, and gets the first one's answer.
///
/// ```
/// use catga_core::message::MessageId;
///
/// let id = MessageId::new();
/// assert_eq!(id.to_string().parse::<MessageId>().unwrap(), id);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(Uuid);

impl MessageId {
    /// A new one.
    #[expect(clippy::new_without_default, reason = "each is another: a default would hide that")]
    pub fn new() -> Self {
        Self(crate::runtime::new_uuid())
    }

    /// This UUID as an id, whatever its version: who publishes again after a failure brings the id of the first time.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// Whether it was derived from the message in whose handling this one was sent.
    pub fn is_derived(&self) -> bool {
        self.0.get_version_num() == 8
    }

    /// The id as a UUID.
    pub const fn as_uuid(&self) -> &Uuid {
        &self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for MessageId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Uuid::try_parse(text).map(Self).map_err(|cause| {
            Error::validation(format!("a message id is a UUID, {:?} isn't", clip(text))).with_source(cause)
        })
    }
}

/// As much of a foreign text as an error may show.
fn clip(text: &str) -> &str {
    match text.char_indices().nth(64) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    fn what_is_no_uuid_is_refused_with_its_cause_and_not_shown_at_length() {
        let error = "no id".parse::<MessageId>().unwrap_err();
        assert_eq!(error.message(), "a message id is a UUID, \"no id\" isn't");
        assert!(error.source().is_some());
        let long = "x".repeat(10_000).parse::<MessageId>().unwrap_err();
        assert!(long.message().len() < 200, "{long}");
    }
}
