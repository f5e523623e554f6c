//! What there is no place for is refused as a whole, and nothing is dropped for it.

use std::time::Duration;

use catga_core::context::{Journal, Write};
use catga_core::persistence::{Begun, Committed, Position, UnitMark};
use catga_core::{Code, Error};

use super::super::NotRun;
use super::dead_letters::{bury, letter};
use super::positions::{name, take};
use super::stage::{HANDLER, LEASE, Stage, journal, mark, outgoing, some_mark, unit};
use super::{Limits, PersistenceHarness};

/// A store that keeps so little exactly.
async fn small<H: PersistenceHarness>(limits: Limits) -> Result<Stage<H>, NotRun> {
    let stage = Stage::<H>::with(limits).await;
    stage.harness.faults().limits.map(|()| stage)
}

/// Whether trying again later can help, since there may be place by then.
fn is_full(error: &Error) -> bool {
    error.code() == Code::Unavailable && error.can_retry()
}

/// A unit that is too much for the documents or for the outbox leaves nothing at all.
pub async fn commit_rejects_whole_on_limits<H: PersistenceHarness>() -> Result<(), NotRun> {
    let stage = small::<H>(Limits { documents: 2, outbox: 2, ..Limits::default() }).await?;
    let (node, other) = (stage.node().await, stage.node().await);
    let two = || [("a", Write::Put(vec![1])), ("b", Write::Put(vec![1]))];
    let mark = some_mark();
    let held = node.hold(&mark).await;
    let too_much = journal(two(), vec![outgoing(); 3]);
    let full = node.commit(unit(UnitMark::Held(held.clone()), too_much)).await.unwrap_err();
    assert_eq!((full.code(), full.can_retry()), (Code::OutboxFull, true));
    assert_eq!((other.version("a").await, other.waiting_ids().await.len()), (0, 0));
    assert!(node.holds(&held).await, "the mark is as it was");
    node.write(journal(two(), vec![outgoing()])).await.unwrap();

    let too_much = [("a", Write::Update(vec![2])), ("c", Write::Insert(vec![1]))];
    let full = node.commit(unit(UnitMark::Held(held.clone()), journal(too_much, vec![outgoing()]))).await.unwrap_err();
    assert!(is_full(&full), "{full:?}");
    assert_eq!((other.body("a").await, other.waiting_ids().await.len()), (Some(vec![1]), 1));
    let swap = journal([("a", Write::Remove), ("c", Write::Insert(vec![1]))], vec![outgoing()]);
    assert_eq!(node.commit(unit(UnitMark::Held(held), swap)).await.unwrap(), Committed::Done);
    Ok(())
}

/// How full the outbox is can be told before it is full; what is put off counts; what is settled gives its place back.
pub async fn full_outbox_is_told<H: PersistenceHarness>() -> Result<(), NotRun> {
    let stage = small::<H>(Limits { outbox: 4, ..Limits::default() }).await?;
    let (node, other) = (stage.node().await, stage.node().await);
    assert_eq!(other.fullness().await.unwrap(), 0.0);
    let held = node.hold(&some_mark()).await;
    assert!(node.put_off(&held, outgoing(), 60 * LEASE).await.unwrap());
    assert_eq!(other.fullness().await.unwrap(), 0.25);
    node.put_out(3).await;
    assert_eq!(other.fullness().await.unwrap(), 1.0);

    assert_eq!(node.write(journal([], vec![outgoing()])).await.unwrap_err().code(), Code::OutboxFull);
    let held = node.hold(&some_mark()).await;
    let full = node.put_off(&held, outgoing(), Duration::ZERO).await.unwrap_err();
    assert_eq!(full.code(), Code::OutboxFull);
    assert!(node.holds(&held).await, "the mark is as it was");
    assert_eq!(node.write(Journal::default()).await.unwrap(), Committed::Done, "what puts out nothing finds place");

    let relay = node.relay().await;
    let first = node.entries(relay, None, 1).await.unwrap()[0].id;
    node.settle(relay, &[first]).await.unwrap();
    assert_eq!(other.fullness().await.unwrap(), 0.75);
    node.put_out(1).await;
    Ok(())
}

/// A replay that the outbox has no place for leaves letter and mark.
pub async fn dead_replay_waits_for_place<H: PersistenceHarness>() -> Result<(), NotRun> {
    let stage = small::<H>(Limits { outbox: 1, ..Limits::default() }).await?;
    let node = stage.node().await;
    let (letter, held) = bury(&node).await;
    node.put_out(1).await;
    assert_eq!(node.replay(&letter.id, outgoing(), "ada").await.unwrap_err().code(), Code::OutboxFull);
    assert_eq!(node.letter(&letter.id).await.unwrap(), Some(letter));
    assert_eq!(node.begin_one(&held.mark).await, Begun::Dead);
    assert!(node.decisions(9).await.unwrap().is_empty());
    Ok(())
}

/// One letter too many is refused, its mark as it was; none is dropped for it.
pub async fn letters_are_bounded<H: PersistenceHarness>() -> Result<(), NotRun> {
    let stage = small::<H>(Limits { letters: 2, ..Limits::default() }).await?;
    let node = stage.node().await;
    let ((first, _), (second, _)) = (bury(&node).await, bury(&node).await);
    let third = letter();
    let held = node.hold(&mark(HANDLER, third.id.message)).await;
    let full = node.bury(third.clone(), Some(&held)).await.unwrap_err();
    assert!(is_full(&full), "{full:?}");
    assert!(node.holds(&held).await, "the mark is as it was");
    for letter in [&first, &second] {
        assert_eq!(node.letter(&letter.id).await.unwrap().as_ref(), Some(letter));
    }
    assert!(node.bury(first.clone(), None).await.unwrap(), "it takes no place of its own");
    assert!(node.discard(&first.id, "ada").await.unwrap());
    assert!(node.bury(third, Some(&held)).await.unwrap());
    Ok(())
}

/// One mark too many is refused, and begins none of those that were asked for; none is forgotten for it.
pub async fn marks_are_bounded<H: PersistenceHarness>() -> Result<(), NotRun> {
    let stage = small::<H>(Limits { marks: 3, ..Limits::default() }).await?;
    let node = stage.node().await;
    let (done, busy, free) = (some_mark(), some_mark(), some_mark());
    node.end(node.hold(&done).await).await;
    node.hold(&busy).await;
    let full = node.begin(&[free.clone(), some_mark()], LEASE).await.unwrap_err();
    assert!(is_full(&full), "{full:?}");
    let held = node.hold(&free).await;
    let unclaimed = unit(UnitMark::Unclaimed(some_mark()), journal([], vec![outgoing()]));
    assert!(is_full(&node.commit(unclaimed).await.unwrap_err()));
    assert!(node.waiting_ids().await.is_empty());
    assert!(matches!(node.begin(&[done, busy], LEASE).await.unwrap()[..], [Begun::Done(_), Begun::Busy { .. }]));
    assert!(node.holds(&held).await);
    Ok(())
}

/// One position and one paused handler too many are refused; those that are there can be changed.
pub async fn positions_and_pauses_are_bounded<H: PersistenceHarness>() -> Result<(), NotRun> {
    let stage = small::<H>(Limits { positions: 1, paused: 1, ..Limits::default() }).await?;
    let node = stage.node().await;
    take(&node, name("front-1")).await;
    assert!(is_full(&node.take_position(&name("front-2")).await.unwrap_err()));
    let (held, _) = take(&node, name("front-1")).await;
    assert!(node.save_position(&held, &Position::new(1)).await.unwrap());

    node.pause("Ship/ship", "ada").await.unwrap();
    node.pause("Ship/ship", "ada").await.unwrap();
    assert!(is_full(&node.pause("Placed/count", "ada").await.unwrap_err()));
    assert!(node.resume("Ship/ship", "ada").await.unwrap());
    node.pause("Placed/count", "ada").await.unwrap();
    Ok(())
}
