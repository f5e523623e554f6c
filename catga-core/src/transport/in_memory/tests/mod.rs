//! What this transport promises beyond what each must: that is shown by the suite in `catga-testkit`.

mod backlog;
mod events;
mod model;
mod requests;
mod work;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use crate::codec::Codec;
use crate::envelope::Envelope;
use crate::message::{Kind, MessageId};
use crate::runtime;

use super::super::{Arrival, Deliveries, Delivery, Link, Member, Source, Start, Subscription, Transport};
use super::size::size_of;
use super::{InMemory, Limits};

const SECOND: Duration = Duration::from_secs(1);

fn many() -> NonZeroUsize {
    NonZeroUsize::new(1_000).unwrap()
}

/// A node of the service `orders`, which owns `Place` and `Report`.
async fn node(transport: &InMemory, name: &str) -> Arc<dyn Link> {
    transport.join(Member::new("test", "orders", name).unwrap().owning(["Place", "Report"])).await.unwrap()
}

fn command(body: u32) -> Envelope {
    envelope("Place", Kind::Command, body.to_be_bytes().to_vec())
}

fn report(body: u32) -> Envelope {
    envelope("Report", Kind::Command, body.to_be_bytes().to_vec())
}

fn event(name: &'static str, body: u32) -> Envelope {
    envelope(name, Kind::Event, body.to_be_bytes().to_vec())
}

fn envelope(name: &'static str, kind: Kind, body: Vec<u8>) -> Envelope {
    Envelope::new(MessageId::new(), name, kind, Codec::MessagePack, body)
}

fn number(envelope: &Envelope) -> u32 {
    u32::from_be_bytes((*envelope.body).try_into().unwrap())
}

async fn subscribe(link: &Arc<dyn Link>, source: Source, in_flight: usize) -> Box<dyn Deliveries> {
    let in_flight = NonZeroUsize::new(in_flight).unwrap();
    link.subscribe(Subscription { source, in_flight }).await.unwrap()
}

fn placed(start: Start) -> Source {
    Source::Node { events: vec!["Placed".to_owned()], start }
}

fn place() -> Source {
    Source::Work { command: "Place".to_owned() }
}

fn receipts() -> Source {
    Source::Service { event: "Placed".to_owned(), handler: "send_receipt".to_owned() }
}

/// What is there to be taken now; waits for nothing.
async fn at_hand(deliveries: &mut Box<dyn Deliveries>) -> Option<Arrival> {
    let now = Some(runtime::now());
    runtime::until(now, deliveries.next()).await.flatten()
}

async fn delivery(deliveries: &mut Box<dyn Deliveries>) -> Delivery {
    match at_hand(deliveries).await {
        Some(Arrival::Delivery(delivery)) => delivery,
        other => panic!("a delivery should be at hand, not {other:?}"),
    }
}

async fn is_empty(deliveries: &mut Box<dyn Deliveries>) -> bool {
    at_hand(deliveries).await.is_none()
}

/// Takes and settles all that is at hand.
async fn drain(deliveries: &mut Box<dyn Deliveries>) -> Vec<u32> {
    let mut numbers = Vec::new();
    while let Some(arrival) = at_hand(deliveries).await {
        if let Arrival::Delivery(delivery) = arrival {
            numbers.push(number(delivery.envelope()));
            delivery.settle().await.unwrap();
        }
    }
    numbers
}
