//! A document as it is stored: a list of two, the version of its type and the document, as MessagePack with names.

use crate::codec::{BodyLimit, messagepack};
use crate::error::{Code, Error, Result};

use super::{Document, Older};

/// The head of a list of two.
const PAIR: u8 = 0x92;

pub(super) fn encode<T: Document>(document: &T) -> Result<Vec<u8>> {
    messagepack::encode(&(T::VERSION, document), BodyLimit::KIB_512).map_err(|cause| {
        let reason = if cause.code() == Code::TooLarge {
            format!("is larger than {}", BodyLimit::KIB_512)
        } else {
            "can't be encoded".to_owned()
        };
        Error::new(cause.code(), format!("a `{}` {reason}", T::NAME)).with_source(cause)
    })
}

pub(super) fn decode<T: Document>(key: &str, stored: &[u8]) -> Result<T> {
    let of_this = |what: &str| format!("the stored `{}` of the key {key:?} {what}", T::NAME);
    let (version, body) =
        split(stored).map_err(|cause| Error::codec(of_this("can't be decoded")).with_source(cause))?;
    if version > T::VERSION {
        let newer = format!("has version {version}; this program knows versions up to {}", T::VERSION);
        // Its programs may be about to be replaced, one by one.
        return Err(Error::new(Code::SchemaMismatch, of_this(&newer)).retryable(true));
    }
    if version < T::VERSION {
        let upgraded = T::upgrade(Older::new(T::NAME, version, body));
        let what = format!("can't be upgraded from version {version} to {}", T::VERSION);
        return upgraded.map_err(|cause| Error::codec(of_this(&what)).with_source(cause));
    }
    messagepack::decode(body).map_err(|cause| Error::codec(of_this("can't be decoded")).with_source(cause))
}

/// The version, and the bytes of the document.
fn split(stored: &[u8]) -> Result<(u32, &[u8])> {
    let mut rest = stored.strip_prefix(&[PAIR]).ok_or_else(|| Error::codec("it doesn't begin with its version"))?;
    let version = rmp_serde::from_read(&mut rest)
        .map_err(|cause| Error::codec("its version can't be decoded").with_source(cause))?;
    Ok((version, rest))
}
