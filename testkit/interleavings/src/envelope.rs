//! Stands in for core's room of this name.

/// A message of which nothing matters.
#[derive(Clone, Debug)]
pub(crate) struct Envelope;
