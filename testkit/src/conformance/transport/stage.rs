//! Nodes on the transport under test, and what they send and get.

use std::future::Future;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use catga_core::codec::Codec;
use catga_core::envelope::{Answer, Envelope, Reply};
use catga_core::error::{Code, Error, Result};
use catga_core::message::{Kind, MessageId};
use catga_core::transport::{
    Arrival, Deliveries, Delivery, Frame, Link, Member, Replies, RequestDelivery, Requests, Source, Start, Subscription,
};
use tokio::time::{Instant, timeout};

use super::harness::{Connection, Limits, Timing, TransportHarness};

/// Long enough for whatever isn't about time.
pub(super) const LONG: Duration = Duration::from_secs(60);

/// A transport to be tried.
pub(super) struct Stage<H> {
    pub(super) harness: H,
}

impl<H: TransportHarness> Stage<H> {
    pub(super) async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    pub(super) async fn with(limits: Limits) -> Self {
        Self { harness: H::start(limits).await }
    }

    /// A node of the service `orders`, which owns `Place` and `Report`, with a connection of its own.
    pub(super) async fn node(&self, name: &str) -> Node {
        self.node_by(self.harness.connect().await, name).await
    }

    /// The same, by this connection.
    pub(super) async fn node_by(&self, connection: Connection, name: &str) -> Node {
        let joined = connection.transport.join(self.member("orders", name).owning(["Place", "Report"])).await;
        Node { link: ok(joined), connection, timing: H::TIMING }
    }

    /// A node that is told by this member, with a connection of its own.
    pub(super) async fn join(&self, member: Member) -> Result<Node> {
        let connection = self.harness.connect().await;
        let link = connection.transport.join(member).await?;
        Ok(Node { link, connection, timing: H::TIMING })
    }

    pub(super) fn member(&self, service: &str, name: &str) -> Member {
        ok(Member::new(self.harness.cluster(), service, name))
    }
}

/// A node. Dropped, it is dead.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) link: Arc<dyn Link>,
    pub(super) connection: Connection,
    timing: Timing,
}

impl Node {
    pub(super) async fn enqueue(&self, body: u32) {
        ok(self.link.enqueue(command(body), Duration::ZERO).await);
    }

    pub(super) async fn publish(&self, bodies: impl IntoIterator<Item = u32>) {
        let events = bodies.into_iter().map(|body| event("Placed", body));
        for outcome in self.link.publish(events.collect()).await {
            ok(outcome);
        }
    }

    /// Asks, within a long time.
    pub(super) async fn ask(&self, envelope: Envelope) -> Box<dyn Replies> {
        ok(self.link.request(envelope, LONG).await)
    }

    /// Takes the requests `Place`.
    pub(super) async fn places(&self, in_flight: usize) -> Asked {
        self.requests("Place", in_flight).await
    }

    pub(super) async fn requests(&self, name: &str, in_flight: usize) -> Asked {
        Asked { requests: ok(self.link.requests(name, at_a_time(in_flight)).await), timing: self.timing }
    }

    /// Takes the commands `Place`.
    pub(super) async fn work(&self, in_flight: usize) -> Intake {
        self.subscribe(Source::Work { command: "Place".to_owned() }, in_flight).await
    }

    /// Takes the events `Placed` as this node.
    pub(super) async fn placed(&self, start: Start, in_flight: usize) -> Intake {
        self.subscribe(Source::Node { events: vec!["Placed".to_owned()], start }, in_flight).await
    }

    /// Takes the events `Placed` for a handler of the service.
    pub(super) async fn receipts(&self, in_flight: usize) -> Intake {
        let (event, handler) = ("Placed".to_owned(), "send_receipt".to_owned());
        self.subscribe(Source::Service { event, handler }, in_flight).await
    }

    pub(super) async fn subscribe(&self, source: Source, in_flight: usize) -> Intake {
        let subscription = Subscription { source, in_flight: at_a_time(in_flight) };
        Intake { deliveries: ok(self.link.subscribe(subscription).await), timing: self.timing }
    }
}

/// The requests that come to a node.
pub(super) struct Asked {
    pub(super) requests: Box<dyn Requests>,
    timing: Timing,
}

impl Asked {
    pub(super) async fn next(&mut self) -> RequestDelivery {
        let next = timeout(self.timing.arrival, self.requests.next()).await;
        next.expect("a request should arrive").expect("requests should come as long as the node is there")
    }

    /// Nothing comes for as long as one may believe it.
    pub(super) async fn is_quiet(&mut self) -> bool {
        timeout(self.timing.quiet, self.requests.next()).await.is_err()
    }

    /// Answers each request with its own body, after giving others their turn; as many as there were, when the requests end.
    pub(super) fn echo(self) -> tokio::task::JoinHandle<usize> {
        tokio::spawn(async move {
            let (mut requests, mut count) = (self.requests, 0);
            while let Some(request) = requests.next().await {
                count += 1;
                tokio::task::yield_now().await;
                let body = request.envelope().body.to_vec();
                ok(request.reply(answered(body)).await);
            }
            count
        })
    }
}

/// The stored messages that come to a node.
pub(super) struct Intake {
    pub(super) deliveries: Box<dyn Deliveries>,
    timing: Timing,
}

impl Intake {
    /// The next delivery.
    pub(super) async fn next(&mut self) -> Delivery {
        self.next_within(self.timing.arrival).await
    }

    /// The next delivery, after somebody has died.
    pub(super) async fn next_after_death(&mut self) -> Delivery {
        self.next_within(self.timing.death + self.timing.arrival).await
    }

    pub(super) async fn next_within(&mut self, within: Duration) -> Delivery {
        match self.arrival_within(within).await {
            Some(Arrival::Delivery(delivery)) => delivery,
            other => panic!("a delivery should arrive, and there is {other:?}"),
        }
    }

    /// What arrives within this time.
    pub(super) async fn arrival_within(&mut self, within: Duration) -> Option<Arrival> {
        let arrival = timeout(within, self.deliveries.next()).await.ok()?;
        Some(arrival.expect("deliveries should come as long as the node is there"))
    }

    /// Nothing comes for as long as one may believe it.
    pub(super) async fn is_quiet(&mut self) -> bool {
        self.arrival_within(self.timing.quiet).await.is_none()
    }

    /// The end of the history.
    pub(super) async fn caught_up(&mut self) {
        match self.arrival_within(self.timing.arrival).await {
            Some(Arrival::CaughtUp) => (),
            other => panic!("the history should be through, and there is {other:?}"),
        }
    }

    /// Takes and settles so many; their numbers, as they came.
    pub(super) async fn settle(&mut self, count: usize) -> Vec<u32> {
        let mut numbers = Vec::with_capacity(count);
        while numbers.len() < count {
            let arrival = self.arrival_within(self.timing.arrival).await;
            match arrival {
                Some(Arrival::Delivery(delivery)) => numbers.push(settled(delivery).await),
                Some(Arrival::CaughtUp) => (),
                None => panic!("{count} deliveries should come, and there came only {numbers:?}"),
            }
        }
        numbers
    }

    /// Takes and settles all, until nothing more comes; their numbers, as they came.
    pub(super) async fn drain(&mut self) -> Vec<u32> {
        let mut numbers = Vec::new();
        while let Some(arrival) = self.arrival_within(self.timing.quiet).await {
            if let Arrival::Delivery(delivery) = arrival {
                numbers.push(settled(delivery).await);
            }
        }
        numbers
    }
}

/// Settles a delivery; its number.
pub(super) async fn settled(delivery: Delivery) -> u32 {
    let number = number(delivery.envelope());
    ok(delivery.settle().await);
    number
}

/// The next frame, which is a reply; its body.
pub(super) async fn answer(mut replies: Box<dyn Replies>) -> Vec<u8> {
    loop {
        match ok(replies.next().await) {
            Frame::Working => (),
            Frame::Reply(Reply::Done(answer)) => return answer.body.to_vec(),
            Frame::Reply(Reply::Failed(error)) => panic!("an answer should come, not {error}"),
        }
    }
}

/// How the waiting for a reply ends.
pub(super) async fn end(mut replies: Box<dyn Replies>) -> Code {
    loop {
        match replies.next().await {
            Ok(Frame::Working) => (),
            Ok(reply @ Frame::Reply(_)) => panic!("no reply should come, and there is {reply:?}"),
            Err(error) => return error.code(),
        }
    }
}

pub(super) fn command(body: u32) -> Envelope {
    envelope("Place", Kind::Command, body.to_be_bytes())
}

pub(super) fn report(body: u32) -> Envelope {
    envelope("Report", Kind::Command, body.to_be_bytes())
}

pub(super) fn event(name: &'static str, body: u32) -> Envelope {
    envelope(name, Kind::Event, body.to_be_bytes())
}

pub(super) fn envelope(name: &'static str, kind: Kind, body: impl Into<Vec<u8>>) -> Envelope {
    Envelope::new(MessageId::new(), name, kind, Codec::MessagePack, body.into())
}

/// The number that an envelope carries.
pub(super) fn number(envelope: &Envelope) -> u32 {
    let body = <[u8; 4]>::try_from(&*envelope.body);
    u32::from_be_bytes(body.expect("the body should be a number of 4 bytes, as it was sent"))
}

pub(super) fn answered(body: Vec<u8>) -> Reply {
    Reply::Done(Answer { codec: Codec::MessagePack, fingerprint: None, body: body.into() })
}

pub(super) fn at_a_time(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).expect("at least one at a time")
}

/// What a call that must succeed has given.
#[track_caller]
pub(super) fn ok<T>(outcome: Result<T>) -> T {
    outcome.unwrap_or_else(|error| panic!("this should succeed: {}", error.chain()))
}

/// How a call was refused.
#[track_caller]
pub(super) fn refused<T>(outcome: Result<T>) -> Code {
    match outcome {
        Ok(_) => panic!("this should be refused"),
        Err(error) => error.code(),
    }
}

/// The code of an outcome, `None` if it succeeded.
pub(super) fn code<T>(outcome: &Result<T>) -> Option<Code> {
    outcome.as_ref().err().map(Error::code)
}

/// Whether what took from `start` until now took this long, and not more than `late` longer.
#[track_caller]
pub(super) fn assert_on_time(start: Instant, due: Duration, late: Duration) {
    let passed = start.elapsed();
    assert!(passed >= due, "{passed:?} is too early, it was due after {due:?}");
    assert!(passed <= due + late, "{passed:?} is too late, it was due after {due:?}");
}

/// Waits until all of these are done.
pub(super) async fn all<F: Future>(work: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    futures_util::future::join_all(work).await
}
