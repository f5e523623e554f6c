//! Stands in for core's room of this name.

/// A message of which nothing matters.
#[derive(Debug)]
pub(crate) struct Envelope;
