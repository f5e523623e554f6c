use std::sync::{Arc, Mutex, PoisonError};

use crate::envelope::Envelope;
use crate::runtime::Underway;

use super::super::parcel::{Parcel, Through};

/// An event on its way to several handlers of this node: its delivery is settled when all of them are through with it. Dropped before, it
/// isn't settled.
pub(super) struct Shared {
    parcel: Parcel,
    handlers: usize,
    through: Mutex<Vec<Through>>,
    underway: Option<Underway>,
}

impl Shared {
    /// For so many handlers, one at least. `underway` tells whoever waits for it to be handled.
    pub(super) fn new(parcel: Parcel, handlers: usize, underway: Option<Underway>) -> Self {
        Self { parcel, handlers, through: Mutex::default(), underway }
    }

    pub(super) fn parcel(&self) -> &Parcel {
        &self.parcel
    }

    pub(super) fn envelope(&self) -> &Envelope {
        self.parcel.envelope()
    }

    pub(super) fn underway(&self) -> Option<Underway> {
        self.underway.clone()
    }

    /// One handler is through with it.
    pub(super) async fn through(self: Arc<Self>, through: Through) {
        self.through.lock().unwrap_or_else(PoisonError::into_inner).push(through);
        self.let_go().await;
    }

    /// Tells the transport that the event is in good hands.
    pub(super) async fn sign(self: Arc<Self>) {
        self.parcel.sign().await;
        self.let_go().await;
    }

    /// Whoever lets it go last settles it, if all handlers are through.
    async fn let_go(self: Arc<Self>) {
        let Some(last) = Arc::into_inner(self) else { return };
        let mut through = last.through.into_inner().unwrap_or_else(PoisonError::into_inner);
        if through.len() == last.handlers
            && let Some(through) = through.pop()
        {
            last.parcel.settle(through).await;
        }
    }
}
