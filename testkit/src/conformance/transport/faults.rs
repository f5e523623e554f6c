//! Connections that break, brokers that restart, clocks that are wrong: for harnesses that can do it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use catga_core::error::Code;
use catga_core::transport::Start;
use futures_util::FutureExt;
use tokio::time::{Instant, timeout};

use super::super::NotRun;
use super::harness::TransportHarness;
use super::stage::{LONG, Node, Stage, code, command, event, number, ok, settled};

const SECOND: Duration = Duration::from_secs(1);

/// What was stored and not told can be handed over again: there is one copy.
pub async fn enqueue_lost_puback_retry<H: TransportHarness>() -> Result<(), NotRun> {
    let stage = Stage::<H>::new().await;
    let cut = stage.harness.faults().cut?;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let mut work = two.work(8).await;
    for body in 0..10 {
        let sent = command(body);
        {
            let mut handing_over = one.link.enqueue(sent.clone(), Duration::ZERO);
            // Begun, so that it may be on its way when the connection breaks.
            let begun = (&mut handing_over).now_or_never();
            cut.cut(one.connection.number).await;
            if begun.is_none() {
                drop(timeout(SECOND * u32::from(body % 2 == 0), handing_over).await);
            }
        }
        cut.mend(one.connection.number).await;
        until_ok(|| one.link.enqueue(sent.clone(), Duration::ZERO)).await;
    }
    let mut raw = work.drain().await;
    raw.sort_unstable();
    assert_eq!(raw, Vec::from_iter(0..10), "each once, counted as they came");
    Ok(())
}

/// While the broker is away a call fails within its bounds, and says that nothing was stored, or that it isn't known.
pub async fn publish_while_down_bounded<H: TransportHarness>() -> Result<(), NotRun> {
    let stage = Stage::<H>::new().await;
    let cut = stage.harness.faults().cut?;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let mut placed = two.placed(Start::Now, 8).await;
    let mut work = two.work(8).await;
    cut.cut(one.connection.number).await;
    let start = Instant::now();
    let (sent, published) = (command(0), event("Placed", 0));
    let enqueued = one.link.enqueue(sent.clone(), Duration::ZERO).await;
    let mut outcomes = one.link.publish(vec![published.clone()]).await;
    let asked = async {
        match one.link.request(command(0), SECOND).await {
            Ok(mut replies) => replies.next().await.map(drop),
            Err(error) => Err(error),
        }
    };
    let asked = asked.await;
    assert!(start.elapsed() < LONG, "each call ends by itself");
    for outcome in [enqueued, outcomes.remove(0), asked] {
        let code = outcome.err().map(|error| error.code());
        assert!(matches!(code, Some(Code::Unavailable | Code::OutcomeUnknown | Code::Timeout)), "{code:?}");
    }
    assert!(one.link.health().await.is_err());
    cut.mend(one.connection.number).await;
    until_ok(|| one.link.enqueue(sent.clone(), Duration::ZERO)).await;
    until_ok(|| async { one.link.publish(vec![published.clone()]).await.remove(0) }).await;
    ok(one.link.health().await);
    assert_eq!(work.drain().await, [0]);
    assert_eq!(placed.drain().await, [0]);
    Ok(())
}

/// Whoever loses its connection, again and again and under load, goes on by itself: all that was accepted arrives. What proves it is
/// a later message.
pub async fn reconnect_resumes_no_loss<H: TransportHarness>() -> Result<(), NotRun> {
    let stage = Stage::<H>::new().await;
    let cut = stage.harness.faults().cut?;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let (mut work, mut placed) = (two.work(4).await, two.placed(Start::Now, 4).await);
    for body in 0..30_u32 {
        let broken = [one.connection.number, two.connection.number][usize::from(body % 6 == 0)];
        if body % 3 == 0 {
            cut.cut(broken).await;
        }
        let (sent, published) = (command(body), event("Placed", body));
        drop(timeout(SECOND / 4, one.link.enqueue(sent.clone(), Duration::ZERO)).await);
        if body % 3 == 0 {
            cut.mend(broken).await;
        }
        until_ok(|| one.link.enqueue(sent.clone(), Duration::ZERO)).await;
        until_ok(|| async { one.link.publish(vec![published.clone()]).await.remove(0) }).await;
    }
    for intake in [&mut work, &mut placed] {
        let mut raw = BTreeMap::<u32, u32>::new();
        while raw.len() < 30 {
            let delivery = intake.next_after_death().await;
            *raw.entry(number(delivery.envelope())).or_default() += 1;
            // A settlement that is lost lets it come again, which counts as raw and not as an effect.
            drop(delivery.settle().await);
        }
        assert_eq!(Vec::from_iter(raw.into_keys()), Vec::from_iter(0..30));
    }
    Ok(())
}

/// A node that stood still for longer than the broker waits, and goes on as if nothing had been, takes nothing away from who has its
/// deliveries now, brings nothing back that they settled, and gets what comes later.
pub async fn paused_node_harms_nobody<H: TransportHarness>() -> Result<(), NotRun> {
    let stage = Stage::<H>::new().await;
    let pause = stage.harness.faults().pause?;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let mut of_one = one.work(2).await;
    for body in 0..2 {
        two.enqueue(body).await;
    }
    let (settled_late, dropped_late) = (of_one.next().await, of_one.next().await);
    pause.pause(one.connection.number).await;
    let mut of_two = two.work(2).await;
    let (first, second) = (of_two.next_after_death().await, of_two.next_after_death().await);
    assert_eq!((first.attempt(), second.attempt()), (2, 2));
    ok(first.settle().await);
    let late = tokio::spawn(settled_late.settle());
    pause.resume(one.connection.number).await;

    let late = late.await.expect("a late settlement should end");
    assert!(matches!(code(&late), None | Some(Code::Unavailable | Code::OutcomeUnknown)));
    drop(dropped_late);
    ok(second.settle().await);
    assert!(of_two.is_quiet().await);
    of_two.deliveries.close().await;
    two.enqueue(2).await;
    assert_eq!(of_one.drain().await, [2]);
    Ok(())
}

/// A broker that crashed and is back has what it had accepted: what waits, what was put off, what was in flight, the history, and how far a
/// subscription had read; and it doesn't bring again what was settled.
pub async fn broker_restart_loses_nothing<H: TransportHarness>() -> Result<(), NotRun> {
    let stage = Stage::<H>::new().await;
    let broker = stage.harness.faults().restart?;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let (mut work, mut receipts, mut placed) =
        (one.work(2).await, one.receipts(1).await, one.placed(Start::Now, 8).await);
    for body in 0..5 {
        two.enqueue(body).await;
    }
    ok(two.link.enqueue(command(5), 2 * SECOND).await);
    two.publish(0..3).await;
    assert_eq!(work.settle(1).await, [0]);
    assert_eq!(receipts.settle(1).await, [0]);
    assert_eq!(placed.settle(3).await, [0, 1, 2]);
    ok(work.next().await.retry_after(2 * SECOND).await);
    let in_flight = work.next().await;
    broker.restart().await;

    drop(in_flight);
    let wanted = BTreeSet::from_iter(1..=5);
    let mut got = BTreeSet::new();
    while got != wanted {
        let delivery = work.next_after_death().await;
        let body = number(delivery.envelope());
        assert_ne!(body, 0, "what was settled doesn't come again");
        got.insert(body);
        drop(delivery.settle().await);
    }
    assert_eq!(receipts.settle(2).await, [1, 2]);
    until_ok(|| async { two.link.publish(vec![event("Placed", 3)]).await.remove(0) }).await;
    assert_eq!(settled(placed.next_after_death().await).await, 3);
    let mut history = two.placed(Start::First, 8).await;
    assert_eq!(history.settle(4).await, [0, 1, 2, 3]);
    Ok(())
}

/// A node whose clock is ten minutes wrong sends, takes and puts off as others do; nothing expires too early, nothing too late.
pub async fn wrong_node_clock_harmless<H: TransportHarness>() -> Result<(), NotRun> {
    let stage = Stage::<H>::new().await;
    let skew = stage.harness.faults().skew?;
    let wrong = Duration::from_secs(600);
    let one = stage.node("one").await;
    for (name, connection) in [("ahead", skew.connect_ahead(wrong).await), ("behind", skew.connect_behind(wrong).await)]
    {
        let other = stage.node_by(connection, name).await;
        for (sender, taker) in [(&one, &other), (&other, &one)] {
            exchange::<H>(sender, taker).await;
        }
    }
    Ok(())
}

async fn exchange<H: TransportHarness>(sender: &Node, taker: &Node) {
    let mut places = taker.places(1).await;
    let replies = ok(sender.link.request(command(0), 5 * SECOND).await);
    ok(places.next().await.reply(super::stage::answered(vec![7])).await);
    assert_eq!(super::stage::answer(replies).await, [7]);
    let mut work = taker.work(1).await;
    let start = Instant::now();
    ok(sender.link.enqueue(command(1), SECOND).await);
    let delivery = work.next_within(SECOND + H::TIMING.late).await;
    super::stage::assert_on_time(start, SECOND, H::TIMING.late);
    ok(delivery.settle().await);
    places.requests.close().await;
    work.deliveries.close().await;
}

/// Calls again and again until it succeeds, as whoever has an envelope to hand over does.
async fn until_ok<F: Future<Output = catga_core::Result<()>>>(call: impl Fn() -> F) {
    let start = Instant::now();
    while let Err(error) = call().await {
        assert!(start.elapsed() < 2 * LONG, "it should succeed in the end: {error}");
        tokio::time::sleep(SECOND / 10).await;
    }
}
