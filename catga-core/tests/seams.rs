//! A node over a transport that says nothing, and over a store that loses leases.

use std::future::pending;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use catga_core::context::Outgoing;
use catga_core::envelope::Envelope;
use catga_core::persistence::{
    self, Begun, Committed, DeadLetter, DeadLetters, Decision, DocumentReads, Entry, EntryId, Held, HeldPosition,
    Inbox, LetterId, LetterPage, Letters, Listed, Listing, Mark, MarkName, Outbox, PausedHandler, Pauses, Persistence,
    Position, PositionName, Positions, Relay, Retries, Store, Stored, Token, Unit, UnitId, UnitOfWork,
};
use catga_core::transport::{self, Deliveries, Frame, Link, Member, Replies, Requests, Subscription, Transport};
use catga_core::{Catga, Code, Error, Request, Result, handler, handlers};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// A transport that takes everything and never answers.
struct Silent {
    /// Whether it takes a request at all.
    takes: bool,
}

#[async_trait]
impl Transport for Silent {
    async fn join(&self, _: Member) -> Result<Arc<dyn Link>> {
        Ok(Arc::new(Self { takes: self.takes }))
    }
}

#[async_trait]
impl Link for Silent {
    async fn request(&self, _: Envelope, _: Duration) -> Result<Box<dyn Replies>> {
        if self.takes { Ok(Box::new(Works)) } else { pending().await }
    }

    async fn requests(&self, _: &str, _: NonZeroUsize) -> Result<Box<dyn Requests>> {
        pending().await
    }

    async fn enqueue(&self, _: Envelope, _: Duration) -> Result<()> {
        Err(Error::unavailable("the queue is full"))
    }

    async fn publish(&self, _: Vec<Envelope>) -> Vec<Result<()>> {
        Vec::new()
    }

    async fn subscribe(&self, _: Subscription) -> Result<Box<dyn Deliveries>> {
        pending().await
    }

    async fn health(&self) -> Result<()> {
        Err(Error::unavailable("nobody is there"))
    }

    async fn leave(&self) -> Result<()> {
        Err(Error::unavailable("nobody was told"))
    }
}

/// A node that works for ever.
struct Works;

#[async_trait]
impl Replies for Works {
    async fn next(&mut self) -> Result<Frame> {
        tokio::time::sleep(Duration::from_millis(500)).await;
        Ok(Frame::Working)
    }
}

#[derive(Request, Serialize, Deserialize)]
#[request(response = ())]
struct Command;

#[derive(Request, Serialize, Deserialize)]
#[request(response = (), query)]
struct Query;

#[tokio::test(start_paused = true)]
async fn a_silent_transport_holds_nobody_up_beyond_the_deadline() {
    for takes in [false, true] {
        let node = Catga::builder("front").handlers([]).transport(Silent { takes }).start().await.unwrap();
        let begun = Instant::now();
        let error = node.send(Command).deadline(Duration::from_secs(2)).await.unwrap_err();
        assert_eq!(error.code(), Code::OutcomeUnknown);
        assert!(begun.elapsed() < Duration::from_millis(2500), "{:?}", begun.elapsed());
        // A query that may have run hasn't done anything.
        let error = node.send(Query).deadline(Duration::from_secs(2)).await.unwrap_err();
        assert_eq!((error.code(), error.can_retry()), (Code::Timeout, true));
    }
}

#[tokio::test]
async fn what_the_transport_refuses_is_the_callers_error_and_in_the_nodes_health() {
    #[derive(catga_core::Event, Clone, Serialize, Deserialize)]
    struct Happened;

    let node = Catga::builder("front").handlers([]).transport(Silent { takes: true }).start().await.unwrap();
    assert_eq!(node.enqueue(Command).await.unwrap_err().message(), "the queue is full");
    let no_outcome = node.publish(Happened).await.unwrap_err();
    assert_eq!(no_outcome.message(), "the transport gave no outcome for an event");
    assert_eq!(node.health().await.reasons, ["transport: nobody is there"]);
    assert_eq!(node.shutdown().await.unwrap_err().message(), "nobody was told");
}

/// The in-memory store, as long as nothing is to go wrong.
#[derive(Clone, Default)]
struct Faulty {
    inner: persistence::InMemory,
    faults: Arc<Faults>,
}

#[derive(Default)]
struct Faults {
    loses_leases: AtomicBool,
    renew_hangs: AtomicBool,
    is_away: AtomicBool,
    renewals: AtomicUsize,
}

struct FaultyStore(Arc<dyn Store>, Arc<Faults>);

#[async_trait]
impl Persistence for Faulty {
    async fn open(&self, cluster: &str, service: &str) -> Result<Arc<dyn Store>> {
        Ok(Arc::new(FaultyStore(self.inner.open(cluster, service).await?, self.faults.clone())))
    }
}

#[async_trait]
impl Store for FaultyStore {
    async fn health(&self) -> Result<()> {
        if self.1.is_away.load(Ordering::Relaxed) { Err(Error::unavailable("it is away")) } else { Ok(()) }
    }
}

#[async_trait]
impl Inbox for FaultyStore {
    async fn begin(&self, marks: &[Mark], lease: Duration) -> Result<Vec<Begun>> {
        self.0.begin(marks, lease).await
    }

    async fn wait(&self, mark: &MarkName, within: Duration) -> Result<()> {
        self.0.wait(mark, within).await
    }

    async fn renew(&self, held: &[Held], lease: Duration) -> Result<Vec<bool>> {
        self.1.renewals.fetch_add(1, Ordering::Relaxed);
        if self.1.renew_hangs.load(Ordering::Relaxed) {
            pending::<()>().await;
        }
        if self.1.loses_leases.load(Ordering::Relaxed) {
            return Ok(vec![false; held.len()]);
        }
        self.0.renew(held, lease).await
    }

    async fn abandon(&self, held: &Held, counts: bool) -> Result<()> {
        self.0.abandon(held, counts).await
    }
}

#[async_trait]
impl UnitOfWork for FaultyStore {
    async fn commit(&self, unit: Unit) -> Result<Committed> {
        self.0.commit(unit).await
    }

    async fn resolve(&self, unit: UnitId) -> Result<bool> {
        self.0.resolve(unit).await
    }
}

#[async_trait]
impl DocumentReads for FaultyStore {
    async fn get(&self, collection: &str, key: &str) -> Result<Option<Stored>> {
        self.0.get(collection, key).await
    }

    async fn list(&self, collection: &str, listing: Listing) -> Result<Listed> {
        self.0.list(collection, listing).await
    }
}

#[async_trait]
impl Outbox for FaultyStore {
    async fn claim(&self, relay: Relay, lease: Duration) -> Result<bool> {
        self.0.claim(relay, lease).await
    }

    async fn entries(&self, relay: Relay, after: Option<EntryId>, limit: usize) -> Result<Vec<Entry>> {
        self.0.entries(relay, after, limit).await
    }

    async fn settle(&self, relay: Relay, entries: &[EntryId]) -> Result<()> {
        self.0.settle(relay, entries).await
    }

    async fn release(&self, relay: Relay) -> Result<()> {
        self.0.release(relay).await
    }

    async fn wait_for_entries(&self, after: Option<EntryId>) -> Result<()> {
        self.0.wait_for_entries(after).await
    }

    async fn fullness(&self) -> Result<f32> {
        self.0.fullness().await
    }
}

#[async_trait]
impl Retries for FaultyStore {
    async fn put_off(&self, held: &Held, again: Outgoing, delay: Duration) -> Result<bool> {
        self.0.put_off(held, again, delay).await
    }
}

#[async_trait]
impl DeadLetters for FaultyStore {
    async fn bury(&self, letter: DeadLetter, held: Option<&Held>) -> Result<bool> {
        self.0.bury(letter, held).await
    }

    async fn letters(&self, wanted: &Letters) -> Result<LetterPage> {
        self.0.letters(wanted).await
    }

    async fn letter(&self, id: &LetterId) -> Result<Option<DeadLetter>> {
        self.0.letter(id).await
    }

    async fn replay(&self, id: &LetterId, again: Outgoing, by: &str) -> Result<bool> {
        self.0.replay(id, again, by).await
    }

    async fn discard(&self, id: &LetterId, by: &str) -> Result<bool> {
        self.0.discard(id, by).await
    }

    async fn decisions(&self, limit: usize) -> Result<Vec<Decision>> {
        self.0.decisions(limit).await
    }
}

#[async_trait]
impl Positions for FaultyStore {
    async fn take_position(&self, name: &PositionName) -> Result<(Token, Option<Position>)> {
        self.0.take_position(name).await
    }

    async fn save_position(&self, held: &HeldPosition, position: &Position) -> Result<bool> {
        self.0.save_position(held, position).await
    }
}

#[async_trait]
impl Pauses for FaultyStore {
    async fn pause(&self, handler: &str, by: &str) -> Result<()> {
        self.0.pause(handler, by).await
    }

    async fn resume(&self, handler: &str, by: &str) -> Result<bool> {
        self.0.resume(handler, by).await
    }

    async fn paused(&self) -> Result<Vec<PausedHandler>> {
        self.0.paused().await
    }
}

/// Works for so many seconds.
#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u64)]
struct Work(u64);

#[handler]
async fn work(command: Work, ticks: &AtomicUsize) -> Result<u64> {
    for _ in 0..command.0 * 10 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        ticks.fetch_add(1, Ordering::Relaxed);
    }
    Ok(command.0)
}

async fn worker(persistence: &Faulty, ticks: &Arc<AtomicUsize>) -> catga_core::Node {
    let node = Catga::builder("working").transport(transport::InMemory::new()).persistence(persistence.clone());
    node.provide_as::<AtomicUsize>(ticks.clone()).handlers(handlers![work]).start().await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_renewed_each_second_while_the_handler_works() {
    let (persistence, ticks) = (Faulty::default(), Arc::default());
    let node = worker(&persistence, &ticks).await;
    assert_eq!(node.send(Work(8)).balanced().await.unwrap(), 8);
    let renewals = persistence.faults.renewals.load(Ordering::Relaxed);
    assert!((7..=8).contains(&renewals), "{renewals} in 8 s");
}

#[tokio::test(start_paused = true)]
async fn a_node_that_lost_its_lease_ends_the_handler_and_commits_nothing() {
    let (persistence, ticks) = (Faulty::default(), Arc::default());
    persistence.faults.loses_leases.store(true, Ordering::Relaxed);
    let node = worker(&persistence, &ticks).await;
    // For all that this node knows, another one has the lease now, so the caller waits for that one.
    let error = node.send(Work(8)).balanced().deadline(Duration::from_millis(2500)).await.unwrap_err();
    assert_eq!(error.code(), Code::OutcomeUnknown);
    tokio::time::sleep(Duration::from_secs(10)).await;
    let worked = ticks.load(Ordering::Relaxed);
    assert!((9..=11).contains(&worked), "it works until the first renewal, after a second: {worked}");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_stops_no_handler_before_its_lease_is_over() {
    let (persistence, ticks) = (Faulty::default(), Arc::default());
    persistence.faults.renew_hangs.store(true, Ordering::Relaxed);
    let node = worker(&persistence, &ticks).await;
    // Shorter than the lease: it goes on while the renewal hangs.
    assert_eq!(node.send(Work(2)).balanced().await.unwrap(), 2);
    node.send(Work(8)).balanced().deadline(Duration::from_millis(3400)).await.unwrap_err();
    tokio::time::sleep(Duration::from_secs(10)).await;
    let worked = ticks.load(Ordering::Relaxed) - 20;
    assert!((29..=34).contains(&worked), "it works until its lease is over, after 3 s: {worked}");
}

#[tokio::test]
async fn a_store_that_is_away_is_in_the_nodes_health() {
    let (persistence, ticks) = (Faulty::default(), Arc::default());
    let node = worker(&persistence, &ticks).await;
    assert!(node.health().await.is_ready());
    persistence.faults.is_away.store(true, Ordering::Relaxed);
    assert_eq!(node.health().await.reasons, ["persistence: it is away"]);
}
