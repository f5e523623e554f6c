//! Dead letters: what is kept of a message that was given up, and what a replay reaches.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use catga_core::codec::Codec;
use catga_core::context::Context;
use catga_core::envelope::Envelope;
use catga_core::message::{Kind, MessageId};
use catga_core::persistence::{DeadLetter, Decided, LetterId, Letters};
use catga_core::retry::{Failure, Next};
use catga_core::transport::{self, Member, Transport};
use catga_core::{Code, Error, Event, Node, Request, Result, handler, handlers};
use serde::{Deserialize, Serialize};

use crate::Cluster;
use crate::away::Away;
use crate::seen::Seen;

#[derive(Event, Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Sold(u32);

/// Whether what was wrong is mended.
#[derive(Default)]
struct Mended(AtomicBool);

#[handler(once_per = "service")]
async fn bill(event: Sold, seen: &Seen, mended: &Mended, cx: &Context) -> Result<()> {
    seen.note(format!("bill {} attempt {}", event.0, cx.attempt()));
    if mended.0.load(Ordering::SeqCst) {
        return Ok(());
    }
    let cause = Error::not_found("no such account");
    Err(Error::validation(format!("no bill for {}", event.0)).with_source(cause))
}

#[handler(once_per = "service")]
async fn pack(event: Sold, seen: &Seen) -> Result<()> {
    seen.note(format!("pack {}", event.0));
    Ok(())
}

#[handler]
async fn show(event: Sold, seen: &Seen) -> Result<()> {
    seen.note(format!("show {}", event.0));
    Ok(())
}

async fn shop(cluster: &Cluster, name: &str, mended: &Arc<Mended>) -> Node {
    let node = cluster.node(name).provide_as::<Mended>(mended.clone());
    node.handlers(handlers![bill, pack, show]).start().await.unwrap()
}

fn all() -> Letters {
    Letters { limit: 100, ..Letters::default() }
}

/// Waits until there are so many letters.
async fn letters(node: &Node, count: usize) -> Vec<DeadLetter> {
    for _ in 0..10_000 {
        let page = node.dead_letters().list(&all()).await.unwrap();
        if page.letters.len() == count {
            return page.letters;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("there aren't {count} letters")
}

#[tokio::test(start_paused = true)]
async fn dead_keeps_cause_and_origin_and_holds_nobody_else_up() {
    let (cluster, mended) = (Cluster::default(), Arc::default());
    let node = shop(&cluster, "one", &mended).await;
    let id = MessageId::new();
    node.publish(Sold(7)).id(id).header("tenant", "blue").await.unwrap();
    cluster.seen.wait_for("pack 7", 1).await;
    cluster.seen.wait_for("show 7", 1).await;

    let letter = letters(&node, 1).await.remove(0);
    assert_eq!(letter.id, LetterId { handler: "Sold/bill".into(), node: None, message: id });
    assert_eq!((letter.attempts, letter.node.as_str()), (1, "one"));
    assert_eq!(letter.error().code(), Code::Validation);
    assert_eq!(letter.error().chain().to_string(), "no bill for 7: no such account");
    assert_eq!(letter.envelope.decode::<Sold>(Default::default()).unwrap(), Sold(7));
    assert_eq!(letter.envelope.headers().user.get("tenant"), Some("blue"));
    assert!(letter.first <= letter.last);
    assert_eq!(node.dead_letters().get(&letter.id).await.unwrap(), Some(letter));
    // It doesn't come again by itself.
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(cluster.seen.count("bill 7 attempt 1"), 1);
}

#[tokio::test(start_paused = true)]
async fn dead_replay_reaches_one_handler() {
    let (cluster, mended) = (Cluster::default(), Arc::<Mended>::default());
    let (one, other) = (shop(&cluster, "one", &mended).await, shop(&cluster, "other", &mended).await);
    one.publish(Sold(7)).await.unwrap();
    let letter = letters(&other, 1).await.remove(0);
    cluster.seen.wait_for("show 7", 2).await;
    mended.0.store(true, Ordering::SeqCst);

    let (first, second) = tokio::join!(async { one.dead_letters().replay(&letter.id, "ann").await.unwrap() }, async {
        other.dead_letters().replay(&letter.id, "bob").await.unwrap()
    });
    assert_eq!((first, second), (true, false));
    // Its attempts are counted anew.
    cluster.seen.wait_for("bill 7 attempt 1", 2).await;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(cluster.seen.all().len(), 2 + 1 + 2, "{:?}", cluster.seen.all());
    assert_eq!(letters(&one, 0).await, []);
    let decisions = one.dead_letters().decisions(10).await.unwrap();
    assert_eq!((decisions.len(), decisions[0].by.as_str()), (1, "ann"));
    assert_eq!(decisions[0].what, Decided::Replayed(letter.id));
}

#[tokio::test(start_paused = true)]
async fn letters_are_replayed_and_discarded_by_filter() {
    let (cluster, mended) = (Cluster::default(), Arc::<Mended>::default());
    let node = shop(&cluster, "one", &mended).await;
    for number in 0..250 {
        node.publish(Sold(number)).await.unwrap();
    }
    cluster.seen.wait_until(|all| all.len() >= 250 * 3).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(node.dead_letters().list(&Letters { limit: 1, ..all() }).await.unwrap().total, 250);
    let nobodys = Letters { handler: Some("Sold/pack".into()), ..all() };
    assert_eq!(node.dead_letters().replay_all(&nobodys, "ann").await.unwrap(), 0);
    let id = letters_page(&node).await;
    assert!(node.dead_letters().discard(&id, "ann").await.unwrap());
    assert!(!node.dead_letters().discard(&id, "ann").await.unwrap());
    mended.0.store(true, Ordering::SeqCst);
    let bills = Letters { handler: Some("Sold/bill".into()), ..all() };
    assert_eq!(node.dead_letters().replay_all(&bills, "ann").await.unwrap(), 249);
    cluster.seen.wait_until(|all| all.len() >= 250 * 3 + 249).await;
    assert_eq!(letters(&node, 0).await, []);
}

async fn letters_page(node: &Node) -> LetterId {
    node.dead_letters().list(&Letters { limit: 1, ..all() }).await.unwrap().letters.remove(0).id
}

#[tokio::test(start_paused = true)]
async fn what_was_replayed_and_fails_again_is_a_letter_again() {
    let (cluster, mended) = (Cluster::default(), Arc::<Mended>::default());
    let node = shop(&cluster, "one", &mended).await;
    node.publish(Sold(7)).await.unwrap();
    let letter = letters(&node, 1).await.remove(0);
    assert!(node.dead_letters().replay(&letter.id, "ann").await.unwrap());
    cluster.seen.wait_for("bill 7 attempt 1", 2).await;
    assert_eq!(letters(&node, 1).await[0].id, letter.id);
}

/// A handler that every node runs, and which one of them can't.
#[handler(name = "draw")]
async fn draw(event: Sold, seen: &Seen, mended: &Mended, cx: &Context) -> Result<()> {
    seen.note(format!("draw {} on {}", event.0, cx.node()));
    if cx.node() == "other" && !mended.0.load(Ordering::SeqCst) {
        return Err(Error::validation("this node has no pen"));
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_letter_of_a_handler_that_every_node_runs_is_replayed_on_the_node_that_gave_it_up() {
    let (cluster, mended) = (Cluster::default(), Arc::<Mended>::default());
    let start = async |name: &str| {
        let node = cluster.node(name).provide_as::<Mended>(mended.clone());
        node.handlers(handlers![draw, pack]).start().await.unwrap()
    };
    let (one, other) = (start("one").await, start("other").await);
    one.publish(Sold(7)).await.unwrap();
    let letter = letters(&one, 1).await.remove(0);
    assert_eq!((letter.id.handler.as_str(), letter.id.node.as_deref()), ("Sold/draw", Some("other")));
    mended.0.store(true, Ordering::SeqCst);
    assert!(one.dead_letters().replay(&letter.id, "ann").await.unwrap());
    cluster.seen.wait_for("draw 7 on other", 2).await;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!((cluster.seen.count("draw 7 on one"), cluster.seen.count("pack 7")), (1, 1));
    drop(other);
}

#[tokio::test(start_paused = true)]
async fn undecodable_dead_once() {
    let (cluster, mended) = (Cluster::default(), Arc::default());
    let node = shop(&cluster, "one", &mended).await;
    let link = cluster.transport.join(Member::new("default", "strange", "stranger").unwrap()).await.unwrap();
    let garbage = Envelope::new(MessageId::new(), "Sold", Kind::Event, Codec::MessagePack, vec![0xc1, 0xff, 0x00]);
    link.publish(vec![garbage.clone()]).await.remove(0).unwrap();
    node.publish(Sold(1)).await.unwrap();
    // Each of the three handlers gives it up, at its first attempt; the neighbour is handled.
    let letters = letters(&node, 3 + 1).await;
    let kept: Vec<_> = letters.iter().filter(|letter| letter.id.message == garbage.id).collect();
    assert_eq!(kept.len(), 3);
    for letter in kept {
        assert_eq!((letter.attempts, letter.error().code()), (1, Code::Codec));
        assert_eq!(letter.envelope.body, garbage.body);
    }
    cluster.seen.wait_for("pack 1", 1).await;
}

/// Ends its node's life at each run.
#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = ())]
struct Crash;

type Victim = Mutex<Option<Node>>;

#[handler(retry(attempts = 2))]
async fn crash(_: Crash, seen: &Seen, victim: &Victim, store: &Away) -> Result<()> {
    seen.note("crash");
    // It dies without a word to its store, as one does that is killed.
    store.leave();
    drop(victim.lock().unwrap().take());
    std::future::pending().await
}

#[tokio::test(start_paused = true)]
async fn exhausted_crashes_reach_dead() {
    let cluster = Cluster::default();
    let victim = Arc::new(Victim::default());
    for run in 1..=3 {
        let node = cluster.node("victim").provide(cluster.persistence.clone()).provide_as::<Victim>(victim.clone());
        let node = node.handlers(handlers![crash]).start().await.unwrap();
        *victim.lock().unwrap() = Some(node.clone());
        match run {
            1 => node.enqueue(Crash).await.unwrap(),
            2 => (),
            _ => {
                let letter = letters(&node, 1).await.remove(0);
                assert_eq!(letter.id.handler, "Crash/crash");
                assert!(letter.error().message().contains("came to no end"), "{}", letter.error());
                break;
            }
        }
        drop(node);
        cluster.seen.wait_for("crash", run).await;
        tokio::time::sleep(Duration::from_secs(60)).await;
        cluster.persistence.come_back();
    }
    assert_eq!(cluster.seen.count("crash"), 2);
}

fn in_an_hour(failure: &Failure<'_>) -> Next {
    if failure.attempt == 1 { Next::Later(Duration::from_secs(3600)) } else { Next::Drop }
}

#[handler(once_per = "service", retry(with = in_an_hour))]
async fn patient(event: Sold, seen: &Seen, cx: &Context) -> Result<()> {
    seen.note(format!("patient {} attempt {}", event.0, cx.attempt()));
    Err(Error::unavailable("not yet"))
}

#[tokio::test(start_paused = true)]
async fn long_delays_hold_no_slot_and_what_a_policy_drops_is_gone() {
    // The transport puts off for a second at most, so an hour is the store's.
    let limits = transport::Limits { longest_delay: Some(Duration::from_secs(1)), ..Default::default() };
    let cluster = Cluster::with_limits(limits, Default::default());
    let node = cluster.node("one").concurrency(1.try_into().unwrap()).handlers(handlers![patient, pack]);
    let node = node.start().await.unwrap();
    let begun = tokio::time::Instant::now();
    for number in 0..5 {
        node.publish(Sold(number)).await.unwrap();
    }
    for number in 0..5 {
        cluster.seen.wait_for(&format!("patient {number} attempt 1"), 1).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    for number in 0..5 {
        cluster.seen.wait_for(&format!("patient {number} attempt 2"), 1).await;
        cluster.seen.wait_for(&format!("pack {number}"), 1).await;
    }
    assert!(begun.elapsed() >= Duration::from_secs(3600), "{:?}", begun.elapsed());
    tokio::time::sleep(Duration::from_secs(4 * 3600)).await;
    assert_eq!(cluster.seen.all().len(), 5 * 3, "{:?}", cluster.seen.all());
    assert_eq!(letters(&node, 0).await, []);
}

#[tokio::test]
async fn without_a_persistence_dead_letters_are_refused_with_what_to_do() {
    let node = catga_core::Catga::builder("shop").transport(transport::InMemory::new()).handlers([]);
    let node = node.start().await.unwrap();
    let error = node.dead_letters().list(&all()).await.unwrap_err();
    assert_eq!(error.code(), Code::Validation);
    assert!(error.message().contains("`.persistence(…)`"), "{error}");
}

/// So many bytes.
#[derive(Event, Clone, Serialize, Deserialize)]
struct Bulky(String);

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = ())]
struct Ship(u32);

#[handler]
async fn ship(command: Ship, cx: &Context) -> Result<()> {
    cx.publish(Bulky("x".repeat(4_000)))?;
    cx.publish(Sold(command.0))
}

#[tokio::test(start_paused = true)]
async fn bad_destination_isolated() {
    let limits = transport::Limits { envelope_bytes: 3_000, ..Default::default() };
    let cluster = Cluster::with_limits(limits, Default::default());
    let node = cluster.node("one").handlers(handlers![ship, pack]).start().await.unwrap();
    for number in 0..3 {
        node.send(Ship(number)).await.unwrap();
    }
    // What the transport refuses for good holds nothing up, and isn't lost.
    for number in 0..3 {
        cluster.seen.wait_for(&format!("pack {number}"), 1).await;
    }
    let letter = letters(&node, 3).await.remove(0);
    assert_eq!((letter.id.handler.as_str(), letter.attempts), ("outbox", 0));
    assert_eq!((&*letter.envelope.name, letter.error().code()), ("Bulky", Code::TooLarge));
    assert!(node.dead_letters().replay(&letter.id, "ann").await.unwrap());
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(letters(&node, 3).await.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_waited_for_more_than_seven_days_is_a_dead_letter() {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    let (cluster, mended) = (Cluster::default(), Arc::<Mended>::default());
    mended.0.store(true, Ordering::SeqCst);
    // Its handlers' subscriptions begin, and then nobody is there for days.
    shop(&cluster, "one", &mended).await.shutdown().await.unwrap();
    let publish = async |event| {
        let caller = cluster.caller().await;
        caller.publish(event).await.unwrap();
        caller.shutdown().await.unwrap();
    };
    publish(Sold(1)).await;
    tokio::time::sleep(2 * DAY).await;
    publish(Sold(2)).await;
    tokio::time::sleep(6 * DAY).await;
    let node = shop(&cluster, "one", &mended).await;
    cluster.seen.wait_for("bill 2 attempt 1", 1).await;
    // Two handlers had to wait so long.
    let letters = letters(&node, 2).await;
    let letter = letters.into_iter().find(|letter| letter.id.handler == "Sold/bill").unwrap();
    assert_eq!(letter.error().code(), Code::Timeout);
    assert_eq!(cluster.seen.count("bill 1 attempt 1"), 0);
    // Who replays it decides that it isn't too late.
    assert!(node.dead_letters().replay(&letter.id, "ann").await.unwrap());
    cluster.seen.wait_for("bill 1 attempt 1", 1).await;
}
