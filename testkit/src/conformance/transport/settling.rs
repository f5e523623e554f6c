//! How deliveries end, and when they come again.

use catga_core::error::Code;
use catga_core::transport::Start;

use super::super::NotRun;
use super::harness::TransportHarness;
use super::stage::{Stage, code, command, number, ok, settled};

/// A delivery that was dropped, or whose task panicked, comes again: with the same id, body and headers.
pub async fn unsettled_is_redelivered<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let one = stage.node("one").await;
    let mut work = one.work(4).await;
    let mut sent = command(7);
    let headers = sent.headers_mut();
    headers.idempotency_key = Some(ok(catga_core::envelope::Text::new("pay-7")));
    ok(headers.user.set("tenant", "blue"));
    ok(one.link.enqueue(sent.clone(), std::time::Duration::ZERO).await);
    drop(work.next().await);
    let again = work.next_after_death().await;
    assert_eq!((again.envelope(), again.attempt()), (&sent, 2));
    let panicked = tokio::spawn(async move {
        let _held = again;
        std::panic::resume_unwind(Box::new("a handler's panic"));
    });
    assert!(panicked.await.is_err());
    let again = work.next_after_death().await;
    assert_eq!((again.envelope(), again.attempt()), (&sent, 3));
    assert_eq!(settled(again).await, 7);
    assert!(work.is_quiet().await);
}

/// Each time that it comes is one attempt more, on whichever node.
pub async fn attempts_increase<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    one.enqueue(0).await;
    for round in 0..3 {
        for (node, turn) in [(&one, 1), (&two, 2)] {
            let mut work = node.work(1).await;
            let delivery = work.next_after_death().await;
            assert_eq!(delivery.attempt(), 2 * round + turn);
            drop(delivery);
            work.deliveries.close().await;
        }
    }
}

/// What was settled, or given up as dead, never comes again: not here, not elsewhere, not when its node has died.
pub async fn ack_confirmed_is_final<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let one = stage.node("one").await;
    let (mut work, mut receipts) = (one.work(4).await, one.receipts(4).await);
    for body in 0..3 {
        one.enqueue(body).await;
    }
    one.publish([0, 1]).await;
    assert_eq!(work.settle(1).await, [0]);
    ok(work.next().await.dead("no use").await);
    assert_eq!(receipts.settle(1).await, [0]);
    ok(receipts.next().await.dead("no use").await);
    drop((work, receipts, one));

    let two = stage.node("two").await;
    let (mut work, mut receipts) = (two.work(4).await, two.receipts(4).await);
    assert_eq!(number(work.next_after_death().await.envelope()), 2);
    assert!(receipts.is_quiet().await);
}

/// What a dead node had can't be taken away from who has it now: when its delivery is dropped late, nothing happens; when it is
/// settled late, it is refused, or it is settled, and in any case what the new holder settles is final.
pub async fn stale_settlement_harmless<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let mut of_one = one.work(4).await;
    for body in 0..2 {
        two.enqueue(body).await;
    }
    let (dropped, stale) = (of_one.next().await, of_one.next().await);
    drop(one);
    let mut of_two = two.work(4).await;
    let (first, second) = (of_two.next_after_death().await, of_two.next_after_death().await);
    assert_eq!((first.attempt(), second.attempt()), (2, 2));
    drop(dropped);
    assert!(matches!(code(&stale.still_working().await), None | Some(Code::Unavailable)));
    assert!(matches!(code(&stale.settle().await), None | Some(Code::Unavailable | Code::OutcomeUnknown)));
    ok(first.settle().await);
    assert!(matches!(code(&second.settle().await), None | Some(Code::Unavailable | Code::OutcomeUnknown)));
    assert!(of_two.is_quiet().await);
    drop(of_one);
}

/// What is said to be worked on stays with its node, for much longer than the broker would wait otherwise.
pub async fn still_working_extends<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let (mut of_one, mut of_two) = (one.work(1).await, two.work(1).await);
    one.enqueue(7).await;
    let (held, others) = tokio::join!(
        async {
            let held = of_one.next().await;
            let sign_every = held.patience().map_or(H::TIMING.death, |patience| patience / 3);
            for _ in 0..9 {
                tokio::time::sleep(sign_every).await;
                ok(held.still_working().await);
            }
            held
        },
        async { of_two.is_quiet().await },
    );
    assert!(others && of_two.is_quiet().await);
    assert_eq!(settled(held).await, 7);
    assert!(of_two.is_quiet().await);
}

/// What a dead node held comes to others, also when it had said that it works on it.
pub async fn still_working_dies_with_owner<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let (mut of_one, mut receipts_of_one) = (one.work(1).await, one.receipts(1).await);
    one.enqueue(7).await;
    one.publish([8]).await;
    let (command, event) = (of_one.next().await, receipts_of_one.next().await);
    ok(command.still_working().await);
    ok(event.still_working().await);
    // The node is gone at once, so nothing of it is told to the broker.
    std::mem::forget((command, event));
    drop((of_one, receipts_of_one, one));
    let (mut of_two, mut receipts_of_two) = (two.work(1).await, two.receipts(1).await);
    assert_eq!(settled(of_two.next_after_death().await).await, 7);
    assert_eq!(settled(receipts_of_two.next_after_death().await).await, 8);
}

/// What is held in silence for longer than the broker waits comes to others, while its node lives.
pub async fn silence_gives_it_to_others<H: TransportHarness>() -> Result<(), NotRun> {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let mut of_one = one.work(1).await;
    one.enqueue(7).await;
    let held = of_one.next().await;
    if held.patience().is_none() {
        return Err(NotRun("a delivery may be held for as long as its node lives"));
    }
    let again = two.work(1).await.next_after_death().await;
    assert_eq!((number(again.envelope()), again.attempt()), (7, 2));
    ok(again.settle().await);
    assert!(of_one.is_quiet().await);
    Ok(())
}

/// What waited at a node for longer than the broker waits isn't handed out there any longer, since others have it.
pub async fn expired_prefetch_not_run<H: TransportHarness>() -> Result<(), NotRun> {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let mut of_one = one.work(1).await;
    for body in 0..2 {
        one.enqueue(body).await;
    }
    let held = of_one.next().await;
    let Some(patience) = held.patience() else {
        return Err(NotRun("a delivery may wait for as long as its node lives"));
    };
    // Whatever waits at the first node is given away after that.
    for _ in 0..9 {
        tokio::time::sleep(patience / 3).await;
        ok(held.still_working().await);
    }
    assert_eq!(settled(two.work(1).await.next_after_death().await).await, 1);
    ok(held.settle().await);
    assert!(of_one.is_quiet().await);
    Ok(())
}

/// However often its nodes die or drop it, a message comes again; to give it up is for core alone.
pub async fn crashes_never_lose_a_message<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let one = stage.node("one").await;
    let (mut work, mut placed) = (one.work(1).await, one.placed(Start::Now, 1).await);
    one.enqueue(7).await;
    one.publish([8]).await;
    for attempt in 1..=50 {
        for intake in [&mut work, &mut placed] {
            assert_eq!(intake.next_after_death().await.attempt(), attempt);
        }
    }
    assert_eq!(settled(work.next_after_death().await).await, 7);
    assert_eq!(settled(placed.next_after_death().await).await, 8);
}
