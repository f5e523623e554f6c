//! Units of work: all of it or nothing, once.

use std::future::Future as _;
use std::task::{Context, Waker};

use catga_core::Code;
use catga_core::context::{Access, Journal, Write};
use catga_core::persistence::{Begun, Committed, Unit, UnitId, UnitMark};

use super::PersistenceHarness;
use super::stage::{Stage, accessing, answer, journal, outgoing, some_mark, unit};

/// Documents, messages and answer are there together, on every node; nobody sees a part of them before.
pub async fn commit_all_or_nothing<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let mark = some_mark();
    let held = node.hold(&mark).await;
    let writes = || [("a", Write::Insert(vec![1])), ("b", Write::Insert(vec![2]))];
    let written = journal(writes(), vec![outgoing(), outgoing()]);
    assert_eq!(node.commit(unit(UnitMark::Held(held), written)).await.unwrap(), Committed::Done);
    assert_eq!((other.body("a").await, other.body("b").await), (Some(vec![1]), Some(vec![2])));
    assert_eq!(other.waiting_ids().await.len(), 2);
    assert_eq!(other.begin_one(&mark).await, Begun::Done(answer()));

    let another = some_mark();
    let held = node.hold(&another).await;
    let conflicting = journal([("b", Write::Insert(vec![3])), ("c", Write::Insert(vec![3]))], vec![outgoing()]);
    let refused = node.commit(unit(UnitMark::Held(held.clone()), conflicting)).await.unwrap_err();
    assert_eq!((refused.code(), refused.can_retry()), (Code::Conflict, false));
    assert_eq!((other.version("c").await, other.waiting_ids().await.len()), (0, 2));
    assert!(node.holds(&held).await, "the mark is as it was");

    let writing = async {
        for number in 3..40 {
            let both = [("a", Write::Update(vec![number])), ("b", Write::Update(vec![number]))];
            node.write(journal(both, Vec::new())).await.unwrap();
        }
    };
    let reading = async {
        for _ in 0..40 {
            let (a, b) = (other.body("a").await, other.body("b").await);
            assert!(a <= b || b == Some(vec![2]), "the one that is read later is not older: {a:?}, {b:?}");
        }
    };
    tokio::join!(writing, reading);
}

/// One version that has moved refuses all of it.
pub async fn commit_conflict_writes_nothing<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    node.write(journal([("a", Write::Insert(vec![1]))], Vec::new())).await.unwrap();
    let read = Some(node.version("a").await);
    other.write(journal([("a", Write::Update(vec![2]))], Vec::new())).await.unwrap();

    let mark = some_mark();
    let held = node.hold(&mark).await;
    let stale = Access { read, write: Some(Write::Update(vec![3])) };
    let new = Access { read: None, write: Some(Write::Insert(vec![3])) };
    let stale = accessing([("a", stale), ("b", new)], vec![outgoing()]);
    assert_eq!(node.commit(unit(UnitMark::Held(held.clone()), stale)).await.unwrap(), Committed::Moved);
    assert_eq!((node.body("a").await, node.version("b").await), (Some(vec![2]), 0));
    assert!(node.waiting_ids().await.is_empty());
    assert!(node.holds(&held).await, "the mark is as it was");

    let missing = node.write(journal([("c", Write::Update(vec![1]))], vec![outgoing()])).await.unwrap_err();
    assert_eq!(missing.code(), Code::Conflict);
    assert!(node.waiting_ids().await.is_empty());
}

/// Every version that was read is checked, also that there was none, and whether it is written or not; a version never comes again.
pub async fn read_versions_checked<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    other.write(journal([("a", Write::Insert(vec![1]))], Vec::new())).await.unwrap();
    let read = node.version("a").await;
    let having_read = |read| {
        let (reads, writes) = (Access { read: Some(read), write: None }, Write::Put(vec![1]));
        accessing([("a", reads), ("b", Access { read: None, write: Some(writes) })], Vec::new())
    };
    assert_eq!(node.write(having_read(read)).await.unwrap(), Committed::Done);
    other.write(journal([("a", Write::Update(vec![1]))], Vec::new())).await.unwrap();
    assert_eq!(node.write(having_read(read)).await.unwrap(), Committed::Moved, "changed, be it to the same");
    other.write(journal([("a", Write::Remove)], Vec::new())).await.unwrap();
    assert_eq!(node.write(having_read(read)).await.unwrap(), Committed::Moved, "removed");
    assert_eq!(node.write(having_read(0)).await.unwrap(), Committed::Done);
    other.write(journal([("a", Write::Insert(vec![1]))], Vec::new())).await.unwrap();
    assert_eq!(node.write(having_read(read)).await.unwrap(), Committed::Moved, "inserted anew");
    assert_eq!(node.write(having_read(0)).await.unwrap(), Committed::Moved);
    let insert = Access { read: Some(0), write: Some(Write::Insert(vec![2])) };
    let moved = node.write(accessing([("a", insert)], Vec::new())).await.unwrap();
    assert_eq!(moved, Committed::Moved, "a version goes before a conflict");
}

/// A unit that is committed again, since nobody knows whether it was, is committed once; one of which it was said that it wasn't never is.
pub async fn commit_twice_is_once<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let held = node.hold(&some_mark()).await;
    let once = || unit(UnitMark::Held(held.clone()), journal([("a", Write::Insert(vec![1]))], vec![outgoing()]));
    let id = UnitId::new();
    for node in [&node, &node, &other] {
        assert_eq!(node.commit(Unit { id, ..once() }).await.unwrap(), Committed::Done);
    }
    assert_eq!(node.waiting_ids().await.len(), 1);
    assert!(other.resolve(id).await.unwrap());

    let late = unit(UnitMark::None, journal([("b", Write::Insert(vec![1]))], vec![outgoing()]));
    assert!(!node.resolve(late.id).await.unwrap());
    assert!(!other.resolve(late.id).await.unwrap());
    assert_eq!(node.commit(late).await.unwrap(), Committed::Lost);
    assert_eq!((node.version("b").await, node.waiting_ids().await.len()), (0, 1));
}

/// A commit whose caller has gone has happened as a whole or not at all, and can be asked for.
pub async fn dropped_commit_is_all_or_nothing<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    for number in 0..20 {
        let name = number.to_string();
        let written = unit(UnitMark::None, journal([(&*name, Write::Insert(vec![1]))], vec![outgoing()]));
        let id = written.id;
        {
            let mut committing = std::pin::pin!(node.commit(written));
            // As far as it gets by one push, or by two.
            for _ in 0..=number % 2 {
                if committing.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        let was_committed = other.resolve(id).await.unwrap();
        assert_eq!(other.version(&name).await != 0, was_committed);
        let entries = other.waiting().await;
        assert_eq!(entries.len(), usize::from(was_committed));
        let relay = other.relay().await;
        other.settle(relay, &Vec::from_iter(entries.iter().map(|entry| entry.id))).await.unwrap();
        other.release(relay).await.unwrap();
    }
}

/// A mark that nobody began is done by the unit that claims it, once; one that somebody has begun is theirs.
pub async fn unclaimed_mark_is_done_once<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let mark = some_mark();
    let claiming = || unit(UnitMark::Unclaimed(mark.clone()), journal([], vec![outgoing()]));
    let (one, two) = tokio::join!(node.commit(claiming()), other.commit(claiming()));
    let (one, two) = (one.unwrap(), two.unwrap());
    let before = Committed::DoneBefore(answer());
    assert!([(&one, &two), (&two, &one)].contains(&(&Committed::Done, &before)), "{one:?}, {two:?}");
    assert_eq!(node.waiting_ids().await.len(), 1);

    let begun = some_mark();
    let held = node.hold(&begun).await;
    let unclaimed = other.commit(unit(UnitMark::Unclaimed(begun), journal([], vec![outgoing()]))).await.unwrap();
    assert_eq!((unclaimed, node.waiting_ids().await.len()), (Committed::Lost, 1));
    assert_eq!(node.end(held).await, Committed::Done);
}

/// Services share nothing, the nodes of one service everything.
pub async fn services_are_apart<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let node = stage.node().await;
    node.write(journal([("a", Write::Insert(vec![1]))], vec![outgoing()])).await.unwrap();
    let cluster = stage.harness.cluster();
    for (cluster, service) in [(cluster, "billing"), (&format!("{cluster}-2"), "orders")] {
        let apart = stage.node_of(cluster, service).await;
        assert_eq!((apart.version("a").await, apart.waiting_ids().await.len()), (0, 0));
        assert_eq!(apart.write(journal([("a", Write::Insert(vec![2]))], Vec::new())).await.unwrap(), Committed::Done);
    }
    let again = stage.node().await;
    assert_eq!((again.body("a").await, again.waiting_ids().await.len()), (Some(vec![1]), 1));
    again.write(Journal::default()).await.unwrap();
}
