//! The transport in memory behind something that may have a flaw, and connections that may break.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use catga_core::envelope::{Envelope, Reply};
use catga_core::transport::{
    self, Arrival, Deliveries, Delivery, Frame, InMemory, Link, Member, Replies, RequestDelivery, Requests, Responder,
    Subscription, Transport,
};
use catga_core::{Error, Result};
use catga_testkit::conformance::Clock;
use catga_testkit::conformance::transport::{
    Connection, Cut, Faults, Limits, Pause, Restart, Skew, Timing, TransportHarness,
};
use tokio::sync::watch;

use super::held::{BentSettlement, Held};
use super::wire::{Condition, Wire};

const KIB: usize = 1024;

/// How a transport isn't as it should be; each of these is as it should be.
pub(crate) trait Flaw: Default + Send + Sync + 'static {
    /// What is stored in place of an enqueued command.
    fn enqueued(&self, command: Envelope) -> Vec<Envelope> {
        vec![command]
    }

    /// What is stored in place of a batch.
    fn published(&self, events: Vec<Envelope>) -> Vec<Envelope> {
        events
    }

    fn subscription(&self, subscription: Subscription) -> Subscription {
        subscription
    }

    fn in_flight(&self, requests: NonZeroUsize) -> NonZeroUsize {
        requests
    }

    fn arrives(&self, envelope: Envelope) -> Envelope {
        envelope
    }

    fn attempt(&self, attempt: u32) -> u32 {
        attempt
    }

    fn sequence(&self, sequence: Option<u64>) -> Option<u64> {
        sequence
    }

    fn missed(&self, missed: u64) -> u64 {
        missed
    }

    fn delay(&self, delay: Duration) -> Duration {
        delay
    }

    /// `None`: it is lost.
    fn reply(&self, reply: Reply) -> Option<Reply> {
        Some(reply)
    }

    /// Whether what is handed out is settled by that.
    fn settles_early(&self) -> bool {
        false
    }

    /// Whether to settle something ends it.
    fn settles(&self) -> bool {
        true
    }

    /// Whether a broken connection is used again when it is mended.
    fn reconnects(&self) -> bool {
        true
    }
}

/// A transport with one flaw.
#[derive(Default)]
pub(crate) struct Bent<F> {
    transport: InMemory,
    flaw: Arc<F>,
    wires: Mutex<BTreeMap<u32, watch::Sender<Condition>>>,
    connections: AtomicU32,
}

impl<F: Flaw> Bent<F> {
    fn set(&self, connection: u32, condition: Condition) {
        let wires = self.wires.lock().unwrap();
        if condition != Condition::Whole || self.flaw.reconnects() {
            wires[&connection].send_replace(condition);
        }
    }
}

#[async_trait]
impl<F: Flaw> TransportHarness for Bent<F> {
    const CLOCK: Clock = Clock::Virtual;

    const TIMING: Timing = Timing {
        arrival: Duration::from_secs(1),
        death: Duration::from_secs(5),
        late: Duration::from_millis(10),
        quiet: Duration::from_secs(2),
    };

    async fn start(Limits { history, work }: Limits) -> Self {
        let limits = transport::Limits { history, work, envelope_bytes: 64 * KIB, ..Default::default() };
        Self { transport: InMemory::with_limits(limits), ..Self::default() }
    }

    fn cluster(&self) -> &str {
        "test"
    }

    async fn connect(&self) -> Connection {
        let number = self.connections.fetch_add(1, Ordering::SeqCst);
        let (wire, end) = Wire::new();
        self.wires.lock().unwrap().insert(number, end);
        let transport = Process { transport: self.transport.clone(), flaw: self.flaw.clone(), wire };
        Connection { transport: Arc::new(transport), number }
    }

    fn envelope_bytes(&self) -> (usize, usize) {
        (32 * KIB, 64 * KIB)
    }

    fn faults(&self) -> Faults<'_> {
        Faults { cut: Ok(self), pause: Ok(self), restart: Ok(self), skew: Ok(self) }
    }
}

#[async_trait]
impl<F: Flaw> Cut for Bent<F> {
    async fn cut(&self, connection: u32) {
        self.set(connection, Condition::Broken);
    }

    async fn mend(&self, connection: u32) {
        self.set(connection, Condition::Whole);
    }
}

#[async_trait]
impl<F: Flaw> Pause for Bent<F> {
    async fn pause(&self, connection: u32) {
        self.set(connection, Condition::Still);
    }

    async fn resume(&self, connection: u32) {
        self.set(connection, Condition::Whole);
    }
}

/// A broker that forgets nothing looks as if all connections broke.
#[async_trait]
impl<F: Flaw> Restart for Bent<F> {
    async fn restart(&self) {
        for condition in [Condition::Broken, Condition::Whole] {
            for connection in 0..self.connections.load(Ordering::SeqCst) {
                self.set(connection, condition);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// No process of this one asks a clock that could be wrong.
#[async_trait]
impl<F: Flaw> Skew for Bent<F> {
    async fn connect_ahead(&self, _: Duration) -> Connection {
        self.connect().await
    }

    async fn connect_behind(&self, _: Duration) -> Connection {
        self.connect().await
    }
}

/// One process.
struct Process<F> {
    transport: InMemory,
    flaw: Arc<F>,
    wire: Wire,
}

#[async_trait]
impl<F: Flaw> Transport for Process<F> {
    async fn join(&self, member: Member) -> Result<Arc<dyn Link>> {
        let link = self.wire.call(self.transport.join(member)).await?;
        Ok(Arc::new(BentLink { link, flaw: self.flaw.clone(), wire: self.wire.clone() }))
    }
}

struct BentLink<F> {
    link: Arc<dyn Link>,
    flaw: Arc<F>,
    wire: Wire,
}

#[async_trait]
impl<F: Flaw> Link for BentLink<F> {
    async fn request(&self, envelope: Envelope, within: Duration) -> Result<Box<dyn Replies>> {
        let ended = tokio::time::Instant::now() + within;
        let replies = self.wire.call(self.link.request(envelope, within)).await?;
        Ok(Box::new(BentReplies { replies, wire: self.wire.clone(), ended }))
    }

    async fn requests(&self, request: &str, in_flight: NonZeroUsize) -> Result<Box<dyn Requests>> {
        let in_flight = self.flaw.in_flight(in_flight);
        let requests = self.wire.call(self.link.requests(request, in_flight)).await?;
        Ok(Box::new(BentRequests { requests, flaw: self.flaw.clone(), wire: self.wire.clone() }))
    }

    async fn enqueue(&self, envelope: Envelope, delay: Duration) -> Result<()> {
        let delay = self.flaw.delay(delay);
        let enqueue = async {
            for command in self.flaw.enqueued(envelope) {
                self.link.enqueue(command, delay).await?;
            }
            Ok(())
        };
        self.wire.call(enqueue).await
    }

    async fn publish(&self, events: Vec<Envelope>) -> Vec<Result<()>> {
        let count = events.len();
        let publish = async { Ok(self.link.publish(self.flaw.published(events)).await) };
        match self.wire.call(publish).await {
            Ok(outcomes) => outcomes,
            Err(error) => vec![Err(error); count],
        }
    }

    async fn subscribe(&self, subscription: Subscription) -> Result<Box<dyn Deliveries>> {
        let subscription = self.flaw.subscription(subscription);
        let deliveries = self.wire.call(self.link.subscribe(subscription)).await?;
        Ok(Box::new(BentDeliveries { deliveries, flaw: self.flaw.clone(), wire: self.wire.clone() }))
    }

    async fn health(&self) -> Result<()> {
        self.wire.call(self.link.health()).await
    }

    async fn leave(&self) -> Result<()> {
        self.wire.call(self.link.leave()).await
    }
}

struct BentReplies {
    replies: Box<dyn Replies>,
    wire: Wire,
    ended: tokio::time::Instant,
}

#[async_trait]
impl Replies for BentReplies {
    async fn next(&mut self) -> Result<Frame> {
        let frame = self.replies.next().await;
        if !self.wire.passes().await {
            tokio::time::sleep_until(self.ended).await;
            return Err(Error::outcome_unknown("the reply was lost"));
        }
        frame
    }
}

struct BentRequests<F> {
    requests: Box<dyn Requests>,
    flaw: Arc<F>,
    wire: Wire,
}

#[async_trait]
impl<F: Flaw> Requests for BentRequests<F> {
    async fn next(&mut self) -> Option<RequestDelivery> {
        let request = loop {
            self.wire.whole().await;
            tokio::select! {
                biased;
                () = self.wire.disturbed() => (),
                request = self.requests.next() => break request?,
            }
        };
        let envelope = self.flaw.arrives(request.envelope().clone());
        let responder = BentResponder { request, flaw: self.flaw.clone(), wire: self.wire.clone() };
        Some(RequestDelivery::new(envelope, Box::new(responder)))
    }

    async fn close(self: Box<Self>) {
        self.requests.close().await;
    }
}

struct BentResponder<F> {
    request: RequestDelivery,
    flaw: Arc<F>,
    wire: Wire,
}

#[async_trait]
impl<F: Flaw> Responder for BentResponder<F> {
    async fn still_working(&self) {
        if self.wire.is_whole() {
            self.request.still_working().await;
        }
    }

    async fn reply(self: Box<Self>, reply: Reply) -> Result<()> {
        match self.flaw.reply(reply) {
            Some(reply) => self.wire.call(self.request.reply(reply)).await,
            None => Ok(()),
        }
    }
}

struct BentDeliveries<F> {
    deliveries: Box<dyn Deliveries>,
    flaw: Arc<F>,
    wire: Wire,
}

#[async_trait]
impl<F: Flaw> Deliveries for BentDeliveries<F> {
    async fn next(&mut self) -> Option<Arrival> {
        let delivery = loop {
            self.wire.whole().await;
            tokio::select! {
                biased;
                () = self.wire.disturbed() => (),
                arrival = self.deliveries.next() => match arrival? {
                    Arrival::Delivery(delivery) => break delivery,
                    caught_up => return Some(caught_up),
                },
            }
        };
        let envelope = self.flaw.arrives(delivery.envelope().clone());
        let (attempt, sequence) = (self.flaw.attempt(delivery.attempt()), self.flaw.sequence(delivery.sequence()));
        let held = if self.flaw.settles_early() { Held::settled(delivery).await } else { Held::new(delivery) };
        let settlement = BentSettlement { held, flaw: self.flaw.clone(), wire: self.wire.clone() };
        Some(Arrival::Delivery(Delivery::new(envelope, attempt, sequence, Box::new(settlement))))
    }

    fn missed(&self) -> u64 {
        self.flaw.missed(self.deliveries.missed())
    }

    async fn close(self: Box<Self>) {
        self.deliveries.close().await;
    }
}
