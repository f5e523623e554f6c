use std::sync::{Arc, Mutex, PoisonError};

use crate::envelope::Envelope;
use crate::runtime::Underway;

use super::super::parcel::{Parcel, Through};

/// An event on its way to several handlers of this node: its delivery is settled when all of them are through with it, by whoever
/// [lets it go](Self::let_go) last. Dropped by that one instead, it isn't settled, and comes again.
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
    pub(super) async fn let_go(self: Arc<Self>) {
        let Some(last) = Arc::into_inner(self) else { return };
        let mut through = last.through.into_inner().unwrap_or_else(PoisonError::into_inner);
        if through.len() == last.handlers
            && let Some(through) = through.pop()
        {
            last.parcel.settle(through).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;
    use crate::codec::Codec;
    use crate::message::{Kind, MessageId};
    use crate::transport::{Arrival, InMemory, Member, Source, Start, Subscription, Transport};

    /// The intake still holds an event when a lane is through with it, if the lane is fast.
    #[tokio::test]
    async fn the_delivery_is_settled_whoever_lets_it_go_last() {
        let transport = InMemory::new();
        let link = transport.join(Member::new("test", "orders", "one").unwrap()).await.unwrap();
        let source = Source::Node { events: vec!["Placed".to_owned()], start: Start::Now };
        let subscription = Subscription { source, in_flight: NonZeroUsize::MIN };
        let mut deliveries = link.subscribe(subscription).await.unwrap();
        let event = Envelope::new(MessageId::new(), "Placed", Kind::Event, Codec::MessagePack, vec![]);
        link.publish(vec![event]).await.remove(0).unwrap();
        let Some(Arrival::Delivery(delivery)) = deliveries.next().await else { panic!("it should be there") };

        let held = Arc::new(Shared::new(Parcel::new(delivery), 2, None));
        for lane in [held.clone(), held.clone()] {
            lane.through(Through::seen()).await;
        }
        held.let_go().await;
        assert_eq!(transport.backlog(), []);
    }
}
