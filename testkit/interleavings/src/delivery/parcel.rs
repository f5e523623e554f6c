//! Stands in for core's file of this name: a parcel that tells what was done with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::envelope::Envelope;

/// That a handler is through with a message.
#[derive(Debug)]
pub(super) struct Through(());

impl Through {
    pub(super) fn seen() -> Self {
        Self(())
    }
}

/// How often a delivery was settled: of std, since only the last of the threads asks.
#[derive(Clone, Debug, Default)]
pub(super) struct Settled(Arc<AtomicUsize>);

impl Settled {
    pub(super) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// A stored message whose transport wants signs.
#[derive(Debug)]
pub(super) struct Parcel {
    envelope: Envelope,
    settled: Settled,
}

impl Parcel {
    pub(super) fn new(settled: Settled) -> Self {
        Self { envelope: Envelope, settled }
    }

    pub(super) fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    pub(super) fn patience(&self) -> Option<Duration> {
        Some(Duration::from_secs(3))
    }

    pub(super) async fn sign(&self) {}

    pub(super) async fn settle(self, _: Through) {
        self.settled.0.fetch_add(1, Ordering::SeqCst);
    }
}
