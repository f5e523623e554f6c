//! Stands in for core's room of this name: all that one could wait for is there at once.

use std::future::ready;
use std::time::Duration;

pub(crate) use std::time::Instant;

/// Nobody waits for it here.
#[derive(Clone, Debug)]
pub(crate) struct Underway;

pub(crate) fn now() -> Instant {
    Instant::now()
}

pub(crate) fn after(duration: Duration) -> Instant {
    now() + duration
}

pub(crate) fn sleep(_: Duration) -> impl Future<Output = ()> {
    ready(())
}
