//! Commands that handlers send: a handler that runs again gets their first answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use catga_core::context::Context;
use catga_core::message::MessageId;
use catga_core::node::NodeBuilder;
use catga_core::persistence;
use catga_core::{Catga, Error, Event, Node, Request, Result, handler, handlers, transport};
use catga_testkit::Seen;
use serde::{Deserialize, Serialize};

/// Answers a new number, and with what id it came.
#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = (u32, String))]
struct Charge {
    account: String,
}

#[derive(Request, Serialize, Deserialize)]
#[request(response = u32, query)]
struct Rate;

/// Charges two accounts, one of them twice, and fails until so many runs are done.
#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = Vec<u32>)]
struct Pay {
    fails: u32,
}

#[derive(Event, Clone, Serialize, Deserialize)]
struct PayDay;

/// Numbers that are given once.
#[derive(Clone, Default)]
struct Counts {
    charges: Arc<AtomicU32>,
    queries: Arc<AtomicU32>,
    runs: Arc<AtomicU32>,
}

fn next(count: &AtomicU32) -> u32 {
    count.fetch_add(1, Ordering::SeqCst) + 1
}

#[handler]
async fn charge(_: Charge, counts: &Counts, cx: &Context) -> Result<(u32, String)> {
    tokio::task::yield_now().await;
    Ok((next(&counts.charges), cx.message_id().to_string()))
}

#[handler]
async fn rate(_: &Rate, counts: &Counts) -> Result<u32> {
    Ok(next(&counts.queries))
}

#[handler]
async fn pay(command: &Pay, counts: &Counts, seen: &Seen, cx: &Context) -> Result<Vec<u32>> {
    let run = next(&counts.runs);
    let numbers = charge_all(run, cx).await?;
    seen.note(format!("{numbers:?}"));
    assert!(cx.send(Rate).await? >= run, "a query is asked anew");
    if run <= command.fails { Err(Error::unavailable("not yet")) } else { Ok(numbers) }
}

/// In another order at each run; the numbers of `Ann`, of `Bob`, and of `Bob` again.
async fn charge_all(run: u32, cx: &Context) -> Result<Vec<u32>> {
    let charge = async |account: &str| -> Result<u32> {
        let (number, id) = cx.send(Charge { account: account.into() }).await?;
        assert!(id.parse::<MessageId>()?.is_derived());
        Ok(number)
    };
    let (ann, mut bob) = if run % 2 == 1 {
        let (ann, one, other) = tokio::join!(charge("Ann"), charge("Bob"), charge("Bob"));
        (ann?, [one?, other?])
    } else {
        let (one, other, ann) = tokio::join!(charge("Bob"), charge("Bob"), charge("Ann"));
        (ann?, [one?, other?])
    };
    // Equal commands can't be told apart, so it doesn't matter which is which.
    bob.sort_unstable();
    Ok(vec![ann, bob[0], bob[1]])
}

#[handler(once_per = "service")]
async fn pay_day(_: PayDay, counts: &Counts, seen: &Seen, cx: &Context) -> Result<()> {
    let run = next(&counts.runs);
    seen.note(format!("{:?}", charge_all(run, cx).await?));
    if run <= 2 { Err(Error::unavailable("not yet")) } else { Ok(()) }
}

#[derive(Clone, Default)]
struct Cluster {
    transport: transport::InMemory,
    persistence: persistence::InMemory,
    counts: Counts,
    seen: Seen,
}

impl Cluster {
    fn builder(&self, service: &str) -> NodeBuilder {
        let builder = Catga::builder(service).transport(self.transport.clone()).persistence(self.persistence.clone());
        builder.provide(self.counts.clone()).provide(self.seen.clone())
    }

    /// A node that pays; it charges itself, or another service does.
    async fn payer(&self, charges_itself: bool) -> (Node, Option<Node>) {
        if charges_itself {
            let all = handlers![charge, rate, pay, pay_day];
            return (self.builder("paying").handlers(all).start().await.unwrap(), None);
        }
        let bank = self.builder("bank").handlers(handlers![charge, rate]).start().await.unwrap();
        (self.builder("paying").handlers(handlers![pay, pay_day]).start().await.unwrap(), Some(bank))
    }

    fn count(&self, of: &AtomicU32) -> u32 {
        of.load(Ordering::SeqCst)
    }
}

#[tokio::test(start_paused = true)]
async fn child_commands_replay() {
    for charges_itself in [true, false] {
        let cluster = Cluster::default();
        let (node, _bank) = cluster.payer(charges_itself).await;
        node.enqueue(Pay { fails: 3 }).await.unwrap();
        let seen = cluster.seen.wait_for(4).await;
        assert!(seen.iter().all(|numbers| *numbers == seen[0]), "{seen:?}");
        node.shutdown().await.unwrap();
        let Counts { charges, queries, runs } = &cluster.counts;
        assert_eq!((cluster.count(charges), cluster.count(queries), cluster.count(runs)), (3, 4, 4));
    }
}

#[tokio::test(start_paused = true)]
async fn so_do_those_of_an_events_handler() {
    for charges_itself in [true, false] {
        let cluster = Cluster::default();
        let (node, _bank) = cluster.payer(charges_itself).await;
        node.publish(PayDay).await.unwrap();
        let seen = cluster.seen.wait_for(3).await;
        assert!(seen.iter().all(|numbers| *numbers == seen[0]), "{seen:?}");
        assert_eq!(cluster.count(&cluster.counts.charges), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn who_tries_again_with_a_key_gets_the_first_answers_of_what_it_led_to() {
    for charges_itself in [true, false] {
        let cluster = Cluster::default();
        let (node, _bank) = cluster.payer(charges_itself).await;
        // Each call makes three attempts.
        let pay = || node.send(Pay { fails: 6 }).key("May").into_future();
        for _ in 0..2 {
            assert_eq!(pay().await.unwrap_err().message(), "not yet");
            // Longer than the lease and the first call's deadline.
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
        let numbers = pay().await.unwrap();
        assert_eq!(cluster.count(&cluster.counts.charges), 3);
        // Another intent is charged anew.
        assert_ne!(node.send(Pay { fails: 6 }).key("June").await.unwrap(), numbers);
        assert_eq!(cluster.count(&cluster.counts.charges), 6);
    }
}

#[tokio::test(start_paused = true)]
async fn an_id_of_ones_own_stays_and_is_known_again() {
    #[derive(Request, Clone, Serialize, Deserialize)]
    #[request(response = ())]
    struct Again;

    #[handler]
    async fn again(_: Again, counts: &Counts, seen: &Seen, cx: &Context) -> Result<()> {
        let id: MessageId = "01890a5d-ac96-774b-bcce-b302099a8057".parse()?;
        let (number, used) = cx.send(Charge { account: "Ann".into() }).id(id).await?;
        seen.note(format!("{number} {}", used == id.to_string()));
        if next(&counts.runs) == 1 { Err(Error::unavailable("not yet")) } else { Ok(()) }
    }

    let cluster = Cluster::default();
    let node = cluster.builder("paying").handlers(handlers![charge, again]).start().await.unwrap();
    node.enqueue(Again).await.unwrap();
    assert_eq!(cluster.seen.wait_for(2).await, ["1 true", "1 true"]);
}

/// Sends itself on and on.
#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = ())]
struct Circle;

#[handler]
async fn circle(_: Circle, counts: &Counts, cx: &Context) -> Result<()> {
    next(&counts.runs);
    cx.send(Circle).await
}

#[tokio::test]
async fn a_circle_of_begun_commands_is_refused_like_any_other() {
    let cluster = Cluster::default();
    let node = cluster.builder("turning").handlers(handlers![circle]).start().await.unwrap();
    let error = node.send(Circle).key("1").await.unwrap_err();
    assert!(error.message().ends_with("is there a circle?"), "{error}");
    assert_eq!(cluster.count(&cluster.counts.runs), 8);
}
