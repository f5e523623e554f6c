use std::{error::Error as StdError, fmt, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, de};

use super::{Cause, Code, Error, Inner, details::Details, print::MAX_CAUSES, text::Text};

/// The detail that keeps the name of a code that this version doesn't know.
const PEER_CODE: &str = "peer_code";

/// An [`Error`] as it travels and as it is kept: all of it as plain data, its causes as their messages.
///
/// Made `From<&Error>`; an [`Error`] is made from it. What arrives:
///
/// - Code, message, retryability and details are those that were sent, and `source()` is a chain of the causes' messages.
/// - A code that this version doesn't know, from a newer peer, becomes [`Code::Internal`], its name kept in the detail `peer_code`.
///
/// Limits, kept on both sides: 4096 bytes of message; the [details'](Error::with_detail) own; 8 causes of 1024 bytes. Longer texts are cut
/// and end with `…`, further details and causes are left out. So it never takes more than 32 KiB of MessagePack.
///
/// Its fields on the wire: `code`, `message`, `retryable`, `details` (a map, may be absent) and `causes` (a list, nearest first, may be absent).
///
/// ```
/// use catga_core::{Code, Error, error::WireError};
///
/// let sent = Error::not_found("order 7").with_source(Error::internal("no such key"));
/// let bytes = rmp_serde::to_vec_named(&WireError::from(&sent))?;
///
/// let arrived = Error::from(rmp_serde::from_slice::<WireError>(&bytes)?);
/// assert_eq!(arrived.code(), Code::NotFound);
/// assert_eq!(arrived.chain().to_string(), "order 7: no such key");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Error")]
pub struct WireError {
    code: Text<64>,
    message: Text<4096>,
    retryable: bool,
    #[serde(default)]
    details: Details,
    #[serde(default)]
    causes: Causes,
}

impl WireError {
    /// The code; [`Code::Internal`] for one that this version doesn't know.
    pub fn code(&self) -> Code {
        self.code.parse().unwrap_or(Code::Internal)
    }
}

impl From<&Error> for WireError {
    fn from(error: &Error) -> Self {
        Self {
            code: error.code().as_str().into(),
            message: error.message().into(),
            retryable: error.can_retry(),
            details: error.0.details.clone(),
            causes: Causes(error.causes().map(|cause| cause.to_string().as_str().into()).collect()),
        }
    }
}

impl From<WireError> for Error {
    fn from(wire: WireError) -> Self {
        let mut details = wire.details;
        let code = wire.code.parse().unwrap_or_else(|_| {
            details.set_at_all_costs(PEER_CODE, &wire.code);
            Code::Internal
        });
        Self(Arc::new(Inner {
            code,
            message: wire.message.into_string().into(),
            can_retry: wire.retryable,
            details,
            cause: wire.causes.into_cause(),
        }))
    }
}

/// The messages of the causes, nearest first; at most [`MAX_CAUSES`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
struct Causes(Vec<Text<1024>>);

impl Causes {
    fn into_cause(self) -> Cause {
        let chained = self.0.into_iter().rev().fold(None, |next, text| Some(Box::new(RemoteCause { text, next })));
        chained.map_or(Cause::None, |cause| Cause::Source(Arc::new(*cause)))
    }
}

impl<'de> Deserialize<'de> for Causes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Causes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of texts")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Causes, A::Error> {
                let mut causes = Vec::new();
                while let Some(cause) = list.next_element()? {
                    if causes.len() < MAX_CAUSES {
                        causes.push(cause);
                    }
                }
                Ok(Causes(causes))
            }
        }

        deserializer.deserialize_seq(Visitor)
    }
}

/// A cause that arrived as text, and what was beneath it.
#[derive(Debug)]
struct RemoteCause {
    text: Text<1024>,
    next: Option<Box<Self>>,
}

impl StdError for RemoteCause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.next.as_deref().map(|next| next as _)
    }
}

impl fmt::Display for RemoteCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests;
