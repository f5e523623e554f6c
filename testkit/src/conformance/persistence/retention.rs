//! How long what is done is remembered.

use std::time::Duration;

use catga_core::context::Journal;
use catga_core::persistence::{Begun, Committed, Mark, UnitMark};
use tokio::time::sleep;

use super::PersistenceHarness;
use super::stage::{LEASE, RETENTION, Stage, answer, some_mark, unit};

/// A mark is remembered for its retention at least, counted from when it was done.
pub async fn retention_minimum_kept<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let (worked_long, unclaimed) = (some_mark(), some_mark());
    let held = node.hold(&worked_long).await;
    for _ in 0..4 {
        sleep(LEASE / 2).await;
        assert!(node.holds(&held).await);
    }
    node.end(held).await;
    node.commit(unit(UnitMark::Unclaimed(unclaimed.clone()), Journal::default())).await.unwrap();
    sleep(RETENTION - LEASE / 4).await;
    for mark in [worked_long, unclaimed] {
        assert_eq!(other.begin_one(&mark).await, Begun::Done(answer()));
    }
}

/// The attempts of what was abandoned are counted for as long.
pub async fn attempts_are_counted_for_the_retention<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let (abandoned, run_out) = (some_mark(), some_mark());
    node.abandon(&node.hold(&abandoned).await, true).await.unwrap();
    node.hold(&run_out).await;
    sleep(RETENTION - LEASE / 4).await;
    for mark in [abandoned, run_out] {
        let begun = other.begin_one(&mark).await;
        assert!(matches!(begun, Begun::New { attempt: 2, .. }), "{begun:?}");
    }
}

/// Leases and retentions of any length are taken.
pub async fn times_without_end_are_taken<H: PersistenceHarness>() {
    let node = Stage::<H>::new().await.node().await;
    let endless = Mark { retention: Duration::MAX, ..some_mark() };
    let held = node.hold(&endless).await;
    assert_eq!(node.renew(std::slice::from_ref(&held), Duration::MAX).await.unwrap(), [true]);
    assert!(matches!(node.begin_one(&endless).await, Begun::Busy { .. }));
    assert_eq!(node.end(held).await, Committed::Done);
    assert_eq!(node.begin_one(&endless).await, Begun::Done(answer()));
}
