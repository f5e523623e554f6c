//! What a store shows when something breaks.

use std::time::Duration;

use catga_core::Code;
use catga_core::context::{Outgoing, Write};
use catga_core::persistence::{Begun, Committed, Position, Unit, UnitMark};
use tokio::time::{sleep, timeout};

use super::super::NotRun;
use super::PersistenceHarness;
use super::dead_letters::{bury, letter};
use super::outbox::strange;
use super::positions::{name, take, with_holes};
use super::stage::{HANDLER, LEASE, Stage, answer, journal, mark, outgoing, some_mark, unit};

/// How long a call may take to fail by itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// A commit whose answer was lost has happened: that can be asked for, and committing the unit again is one commit.
pub async fn commit_lost_reply_resolves<H: PersistenceHarness>() -> Result<(), NotRun> {
    let stage = Stage::<H>::new().await;
    let lose = stage.harness.faults().lose_reply?;
    let (node, other) = (stage.node().await, stage.node().await);
    let mark = some_mark();
    let held = node.hold(&mark).await;
    let committed = || unit(UnitMark::Held(held.clone()), journal([("a", Write::Insert(vec![1]))], vec![outgoing()]));
    let first = committed();
    let id = first.id;
    lose.lose_reply(node.connection).await;
    match node.commit(first).await {
        // The client asked again by itself.
        Ok(outcome) => assert_eq!(outcome, Committed::Done),
        Err(error) => assert_eq!(error.code(), Code::OutcomeUnknown, "{error:?}"),
    }
    assert!(other.resolve(id).await.unwrap());
    let again = Unit { id, ..committed() };
    assert_eq!(other.commit(again).await.unwrap(), Committed::Done);
    assert_eq!((other.body("a").await, other.waiting_ids().await.len()), (Some(vec![1]), 1));
    assert_eq!(other.begin_one(&mark).await, Begun::Done(answer()));
    Ok(())
}

/// What was put off or buried, and the answer lost, is so once, and called again says so.
pub async fn lost_reply_of_giving_up_is_harmless<H: PersistenceHarness>() -> Result<(), NotRun> {
    let stage = Stage::<H>::new().await;
    let lose = stage.harness.faults().lose_reply?;
    let node = stage.node().await;
    let held = node.hold(&some_mark()).await;
    let again = outgoing();
    lose.lose_reply(node.connection).await;
    drop(node.put_off(&held, again.clone(), Duration::ZERO).await);
    assert!(node.put_off(&held, again.clone(), Duration::ZERO).await.unwrap());
    assert_eq!(node.waiting_ids().await, [again.envelope.id]);

    let letter = letter();
    let held = node.hold(&mark(HANDLER, letter.id.message)).await;
    lose.lose_reply(node.connection).await;
    drop(node.bury(letter.clone(), Some(&held)).await);
    assert!(node.bury(letter.clone(), Some(&held)).await.unwrap());
    assert_eq!(node.letter(&letter.id).await.unwrap(), Some(letter.clone()));

    lose.lose_reply(node.connection).await;
    drop(node.replay(&letter.id, outgoing(), "ada").await);
    assert!(!node.replay(&letter.id, outgoing(), "ada").await.unwrap());
    assert_eq!((node.waiting_ids().await.len(), node.decisions(9).await.unwrap().len()), (2, 1));
    Ok(())
}

/// Without the server every call fails by itself, and writes that were surely not done aren't; all goes on when it is back.
pub async fn cut_is_bounded_and_heals<H: PersistenceHarness>() -> Result<(), NotRun> {
    let stage = Stage::<H>::new().await;
    let cut = stage.harness.faults().cut?;
    let (node, other) = (stage.node().await, stage.node().await);
    node.write(journal([("a", Write::Insert(vec![1]))], Vec::new())).await.unwrap();
    cut.cut(node.connection).await;
    let written = unit(UnitMark::None, journal([("b", Write::Insert(vec![1]))], vec![outgoing()]));
    let id = written.id;
    let refused = timeout(PATIENCE, node.commit(written)).await.expect("it fails by itself").unwrap_err();
    assert!([Code::Unavailable, Code::OutcomeUnknown].contains(&refused.code()), "{refused:?}");
    let unread = timeout(PATIENCE, node.get("Order", "a")).await.expect("it fails by itself").unwrap_err();
    assert_eq!(unread.code(), Code::Unavailable);
    timeout(PATIENCE, node.health()).await.expect("it fails by itself").unwrap_err();
    assert!(other.health().await.is_ok(), "others go on");

    cut.mend(node.connection).await;
    timeout(PATIENCE, async {
        while node.health().await.is_err() {
            sleep(H::LATE).await;
        }
    })
    .await
    .expect("it heals by itself");
    let was_committed = node.resolve(id).await.unwrap();
    assert_eq!(node.version("b").await != 0, was_committed);
    assert!(!(was_committed && refused.code() == Code::Unavailable), "unavailable means that nothing was written");
    assert_eq!(node.body("a").await, Some(vec![1]));
    Ok(())
}

/// What was confirmed is there after the server was killed and started again: all of it, in every byte.
pub async fn store_restart_keeps_commits<H: PersistenceHarness>() -> Result<(), NotRun> {
    let stage = Stage::<H>::new().await;
    let restart = stage.harness.faults().restart?;
    let node = stage.node().await;
    let done = some_mark();
    let held = node.hold(&done).await;
    let id = {
        let committed = unit(UnitMark::Held(held), journal([("a", Write::Insert(vec![0, 255]))], strange()));
        let id = committed.id;
        node.commit(committed).await.unwrap();
        id
    };
    let version = node.version("a").await;
    let waiting = node.waiting().await;
    let (letter, dead) = bury(&node).await;
    let (position, _) = take(&node, name("front-1")).await;
    assert!(node.save_position(&position, &with_holes()).await.unwrap());
    node.pause(HANDLER, "ada").await.unwrap();
    let busy = node.hold(&some_mark()).await;

    restart.restart().await;
    for node in [node, stage.node().await] {
        timeout(PATIENCE, async {
            while node.health().await.is_err() {
                sleep(H::LATE).await;
            }
        })
        .await
        .expect("it heals by itself");
        assert_eq!((node.body("a").await, node.version("a").await), (Some(vec![0, 255]), version));
        assert!(node.resolve(id).await.unwrap());
        assert_eq!(node.begin_one(&done).await, Begun::Done(answer()));
        assert_eq!(node.begin_one(&dead.mark).await, Begun::Dead);
        assert_eq!(node.letter(&letter.id).await.unwrap().as_ref(), Some(&letter));
        assert_eq!(node.paused().await.unwrap().len(), 1);
        assert_eq!(node.decisions(9).await.unwrap().len(), 1);
        let after = node.waiting().await;
        for (before, after) in waiting.iter().zip(&after) {
            let Outgoing { envelope, route } = &after.outgoing;
            assert_eq!((before.id, &before.outgoing.envelope, before.outgoing.route), (after.id, envelope, *route));
        }
        assert_eq!(after.len(), waiting.len());
    }
    let node = stage.node().await;
    assert_eq!(take(&node, name("front-1")).await.1, Some(with_holes()));
    assert!(!node.save_position(&position, &Position::new(1)).await.unwrap(), "a token is no other's again");
    let begun = node.begin_one(&busy.mark).await;
    assert!(matches!(begun, Begun::Busy { .. } | Begun::New { attempt: 2, .. }), "{begun:?}");
    let other = node.hold(&some_mark()).await;
    assert_ne!(other.token, busy.token);
    Ok(())
}

/// What was put off is due in its time although the server was killed meanwhile.
pub async fn retry_survives_restart<H: PersistenceHarness>() -> Result<(), NotRun> {
    let stage = Stage::<H>::new().await;
    let restart = stage.harness.faults().restart?;
    let node = stage.node().await;
    let sent = strange();
    for again in &sent {
        let held = node.hold(&some_mark()).await;
        assert!(node.put_off(&held, again.clone(), LEASE).await.unwrap());
    }
    restart.restart().await;
    let node = stage.node().await;
    sleep(LEASE + H::LATE).await;
    let due = node.waiting().await;
    assert_eq!(due.len(), sent.len());
    for (sent, due) in sent.iter().zip(&due) {
        assert_eq!((&sent.envelope, sent.route), (&due.outgoing.envelope, due.outgoing.route));
    }
    Ok(())
}
