//! Values by name, as text. `serde_json` keeps to a depth of 128 and refuses bytes that are left over by itself.

use serde::{Serialize, de::DeserializeOwned};

use super::Buffer;

pub(super) fn encode<T: Serialize + ?Sized>(value: &T, buffer: &mut Buffer<'_>) -> serde_json::Result<()> {
    serde_json::to_writer(buffer, value)
}

pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(bytes)
}
