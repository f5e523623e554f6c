//! Stored messages that nodes handle, and handle again.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use catga_core::codec::{BodyLimit, Codec};
use catga_core::context::Context;
use catga_core::envelope::Envelope;
use catga_core::message::{Kind, MessageId};
use catga_core::transport::{Arrival, Deliveries, Link, Source, Subscription};
use catga_core::{Error, Event, Message, Request, Result, handler, handlers};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use super::harness::{NodeHarness, Stage, ok};
use crate::Seen;

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = ())]
struct Print(String);

#[derive(Event, Clone, Serialize, Deserialize)]
struct Printed(String);

/// Fails twice, then works.
#[handler(unlinked)]
async fn print(command: Print, seen: &Seen, cx: &Context) -> Result<()> {
    seen.note(format!("{} {} {}", command.0, cx.attempt(), cx.header("copy").unwrap_or_default()));
    cx.publish(Printed(format!("{} at attempt {}", command.0, cx.attempt())))?;
    if cx.attempt() < 3 { Err(Error::unavailable("the printer is out of paper")) } else { Ok(()) }
}

/// The count of attempts grows from one run to the next, whichever of the nodes they are on.
pub async fn attempts_increase<H: NodeHarness>() {
    let stage = Stage::<H>::new().await;
    let one = ok(stage.orders(handlers![print]).await.start().await);
    let _two = ok(stage.orders(handlers![print]).await.start().await);
    ok(one.enqueue(Print("a".to_owned())).await);
    stage.saw_only(&["a 1 ", "a 2 ", "a 3 "]).await;
}

/// The next attempt sees the message as it was sent. What a failed attempt published never leaves; what leaves has nothing of
/// the attempts before it.
pub async fn retry_state_contained<H: NodeHarness>() {
    let stage = Stage::<H>::new().await;
    let witness = stage.witness("watch", &[]).await;
    let mut seen_by_others = events(&witness).await;
    let node = ok(stage.orders(handlers![print]).await.start().await);
    let id = MessageId::new();
    ok(node.enqueue(Print("a".to_owned())).id(id).header("copy", "yes").await);
    stage.saw_only(&["a 1 yes", "a 2 yes", "a 3 yes"]).await;
    let event = next(&mut seen_by_others, H::QUIET).await.expect("the event should leave");
    assert_eq!(ok(event.decode::<Printed>(BodyLimit::default())).0, "a at attempt 3");
    let headers = event.headers();
    assert_eq!((headers.attempt, headers.user.iter().len(), headers.causation_id), (None, 0, Some(id)));
    assert_eq!(next(&mut seen_by_others, H::QUIET).await, None, "once, and the others never");
}

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = ())]
struct Fold(u32);

#[handler(unlinked)]
async fn fold(command: Fold, seen: &Seen, cx: &Context) -> Result<()> {
    assert!(cx.attempt() > 1 || command.0 != 1, "a fold too many");
    seen.note(format!("{} {}", command.0, cx.attempt()));
    Ok(())
}

/// A handler that panics takes no other message with it, and its own comes again.
pub async fn unsettled_is_redelivered<H: NodeHarness>() {
    let stage = Stage::<H>::new().await;
    let node = ok(stage.orders(handlers![fold]).await.start().await);
    for number in [1, 2] {
        ok(node.enqueue(Fold(number)).await);
    }
    let mut seen = stage.seen.wait_for(2).await;
    seen.sort_unstable();
    assert_eq!(seen, ["1 2", "2 1"]);
}

/// A body that nobody can decode isn't tried again and again, and keeps no neighbour back.
pub async fn undecodable_dead_once<H: NodeHarness>() {
    let stage = Stage::<H>::new().await;
    let node = ok(stage.orders(handlers![fold]).await.concurrency(NonZeroUsize::MIN).start().await);
    let witness = stage.witness("watch", &[]).await;
    let garbage = Envelope::new(MessageId::new(), Fold::NAME, Kind::Command, Codec::MessagePack, vec![0xc1; 9]);
    ok(witness.enqueue(garbage, Duration::ZERO).await);
    ok(node.enqueue(Fold(2)).await);
    stage.saw_only(&["2 1"]).await;
    ok(node.shutdown().await);
    drop((node, witness));
    let heir = stage.witness("orders", &[Fold::NAME]).await;
    let mut left = subscribe(&heir, Source::Work { command: Fold::NAME.to_owned() }).await;
    assert_eq!(next(&mut left, H::QUIET).await, None, "it isn't there any longer");
}

#[handler(unlinked, once_per = "service")]
async fn file(event: Printed, seen: &Seen) -> Result<()> {
    seen.note(event.0);
    Ok(())
}

/// A copy that the transport takes for another message, since it came under another delivery id as one beyond its window does, arrives;
/// the effect stays single.
pub async fn republish_after_window_absorbed<H: NodeHarness>() {
    let stage = Stage::<H>::new().await;
    let _node = ok(stage.orders(handlers![fold, file]).await.start().await);
    let witness = stage.witness("watch", &[]).await;
    let mut raw = events(&witness).await;
    let event = Printed("once".to_owned());
    let event = ok(Envelope::of(MessageId::new(), &event, Codec::MessagePack, BodyLimit::default()));
    let command = ok(Envelope::of(MessageId::new(), &Fold(2), Codec::MessagePack, BodyLimit::default()));
    for _ in 0..3 {
        let (mut event, mut command) = (event.clone(), command.clone());
        event.headers_mut().delivery_id = Some(MessageId::new());
        command.headers_mut().delivery_id = Some(MessageId::new());
        ok(witness.enqueue(command, Duration::ZERO).await);
        for outcome in witness.publish(vec![event]).await {
            ok(outcome);
        }
    }
    for _ in 0..3 {
        assert_eq!(next(&mut raw, H::QUIET).await.map(|envelope| envelope.id), Some(event.id), "each copy arrives");
    }
    tokio::time::sleep(H::QUIET).await;
    let mut effects = stage.seen.all();
    effects.sort_unstable();
    assert_eq!(effects, ["2 1", "once"]);
}

/// The events `Printed`, as they travel.
async fn events(witness: &Arc<dyn Link>) -> Box<dyn Deliveries> {
    let (event, handler) = (Printed::NAME.to_owned(), "watch".to_owned());
    subscribe(witness, Source::Service { event, handler }).await
}

async fn subscribe(witness: &Arc<dyn Link>, source: Source) -> Box<dyn Deliveries> {
    ok(witness.subscribe(Subscription { source, in_flight: NonZeroUsize::MIN }).await)
}

/// Takes and settles the next one, if it comes within this time.
async fn next(deliveries: &mut Box<dyn Deliveries>, within: Duration) -> Option<Envelope> {
    let Some(Arrival::Delivery(delivery)) = timeout(within, deliveries.next()).await.ok()? else { return None };
    let envelope = delivery.envelope().clone();
    ok(delivery.settle().await);
    Some(envelope)
}
