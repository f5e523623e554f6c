use crate::envelope::Envelope;
use crate::runtime::Underway;
use crate::sync::{Arc, Mutex, PoisonError, Weak};

use super::super::parcel::{Parcel, Through};

/// An event on its way to several handlers of this node: its delivery is settled when all of them are through with it, by whoever
/// [lets it go](Self::let_go) last. Dropped by that one instead, it isn't settled, and comes again.
#[derive(Clone)]
pub(super) struct Shared(Arc<Inner>);

struct Inner {
    parcel: Parcel,
    handlers: usize,
    through: Mutex<Vec<Through>>,
    underway: Option<Underway>,
}

impl Shared {
    /// For so many handlers, one at least. `underway` tells whoever waits for it to be handled.
    pub(super) fn new(parcel: Parcel, handlers: usize, underway: Option<Underway>) -> Self {
        Self(Arc::new(Inner { parcel, handlers, through: Mutex::default(), underway }))
    }

    pub(super) fn parcel(&self) -> &Parcel {
        &self.0.parcel
    }

    pub(super) fn envelope(&self) -> &Envelope {
        self.parcel().envelope()
    }

    pub(super) fn underway(&self) -> Option<Underway> {
        self.0.underway.clone()
    }

    /// A way back to it, for as long as somebody has it.
    pub(super) fn seen(&self) -> Seen {
        Seen(Arc::downgrade(&self.0))
    }

    /// One handler is through with it.
    pub(super) async fn through(self, through: Through) {
        self.0.through.lock().unwrap_or_else(PoisonError::into_inner).push(through);
        self.let_go().await;
    }

    /// Tells the transport that the event is in good hands. Not cancel safe: broken off, it may drop the event.
    pub(super) async fn sign(self) {
        self.parcel().sign().await;
        self.let_go().await;
    }

    /// Whoever lets it go last settles it, if all handlers are through.
    pub(super) async fn let_go(self) {
        let Some(last) = Arc::into_inner(self.0) else { return };
        let mut through = last.through.into_inner().unwrap_or_else(PoisonError::into_inner);
        if through.len() == last.handlers
            && let Some(through) = through.pop()
        {
            last.parcel.settle(through).await;
        }
    }
}

/// An event that others have.
pub(super) struct Seen(Weak<Inner>);

impl Seen {
    /// Whether nobody has it any longer.
    pub(super) fn is_gone(&self) -> bool {
        self.0.strong_count() == 0
    }

    pub(super) fn get(&self) -> Option<Shared> {
        self.0.upgrade().map(Shared)
    }
}
