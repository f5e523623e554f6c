//! Marks: begun by one at a time, under a lease, behind a fence.

use catga_core::Code;
use catga_core::context::{Journal, Write};
use catga_core::message::MessageId;
use catga_core::persistence::{Begun, Committed, Held, StoredAnswer, Unit, UnitId, UnitMark};
use futures_util::future::join_all;
use tokio::time::sleep;

use super::PersistenceHarness;
use super::stage::{HANDLER, LEASE, Stage, answer, journal, keyed, mark, outgoing, some_mark, unit};

/// What was committed is done on every node, with the answer in every byte, none at all included.
pub async fn begin_new_then_done<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    for answer in [answer(), StoredAnswer::default(), StoredAnswer::new(vec![7; StoredAnswer::MAX_BYTES]).unwrap()] {
        let mark = some_mark();
        let held = node.hold(&mark).await;
        let mark_of_unit = UnitMark::Held(held.clone());
        let unit = Unit { id: UnitId::new(), mark: mark_of_unit, journal: Journal::default(), answer: answer.clone() };
        assert_eq!(node.commit(unit).await.unwrap(), Committed::Done);
        for node in [&node, &other] {
            assert_eq!(node.begin_one(&mark).await, Begun::Done(answer.clone()));
        }
        assert_eq!(node.end(held).await, Committed::DoneBefore(answer));
    }
}

/// Of any number of callers at once, one begins a mark; for the others it is busy.
pub async fn begin_race_one_new<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let nodes = [stage.node().await, stage.node().await, stage.node().await];
    for _ in 0..10 {
        let mark = some_mark();
        let begun = join_all((0..12).map(|caller: usize| nodes[caller % 3].begin_one(&mark))).await;
        let new = begun.iter().filter(|begun| matches!(begun, Begun::New { attempt: 1, .. })).count();
        let busy = begun.iter().filter(|begun| matches!(begun, Begun::Busy { .. })).count();
        assert_eq!((new, busy), (1, 11), "{begun:?}");
    }
}

/// The same message has a mark for each handler, in each service of each cluster.
pub async fn begin_scopes_independent<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let id = MessageId::new();
    let cluster = stage.harness.cluster();
    for (cluster, service) in [(cluster, "orders"), (cluster, "billing"), (&format!("{cluster}-2"), "orders")] {
        let node = stage.node_of(cluster, service).await;
        node.hold(&mark(HANDLER, id)).await;
        node.hold(&mark("Placed/count", id)).await;
    }
    assert!(matches!(stage.node().await.begin_one(&mark("Placed/count", id)).await, Begun::Busy { .. }));
}

/// Several marks are begun in one call, each as it would be alone, the outcomes in the same order.
pub async fn begin_many_in_order<H: PersistenceHarness>() {
    let node = Stage::<H>::new().await.node().await;
    let [new, done, busy] = [some_mark(), some_mark(), some_mark()];
    node.end(node.hold(&done).await).await;
    node.hold(&busy).await;
    let begun = node.begin(&[new, done, busy], LEASE).await.unwrap();
    assert!(matches!(begun[..], [Begun::New { attempt: 1, .. }, Begun::Done(_), Begun::Busy { .. }]), "{begun:?}");
    assert!(node.begin(&[], LEASE).await.unwrap().is_empty());
}

/// Who is told that a mark is busy for so long can begin it then, unless it was renewed.
pub async fn busy_until_honest<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let mark = some_mark();
    node.hold(&mark).await;
    sleep(LEASE / 2).await;
    let Begun::Busy { left } = other.begin_one(&mark).await else { panic!("it is busy") };
    assert!(left <= LEASE / 2, "{left:?}");
    sleep(left + H::LATE).await;
    assert!(matches!(other.begin_one(&mark).await, Begun::New { attempt: 2, .. }));
}

/// A lease that is renewed doesn't end.
pub async fn renewed_lease_lasts<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let mark = some_mark();
    let held = node.hold(&mark).await;
    for _ in 0..4 {
        sleep(LEASE / 2).await;
        assert!(node.holds(&held).await);
        assert!(matches!(other.begin_one(&mark).await, Begun::Busy { .. }));
    }
    assert_eq!(node.end(held).await, Committed::Done);
}

/// Whose lease has run out commits nothing, whether somebody else has begun the mark or not.
pub async fn stale_token_cannot_commit<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    for has_successor in [false, true] {
        let mark = some_mark();
        let stale = node.hold(&mark).await;
        sleep(LEASE + H::LATE).await;
        if has_successor {
            other.hold(&mark).await;
        }
        let written = journal([("7", Write::Put(vec![1]))], vec![outgoing()]);
        assert_eq!(node.commit(unit(UnitMark::Held(stale), written)).await.unwrap(), Committed::Lost);
        assert_eq!((node.version("7").await, node.waiting_ids().await.len()), (0, 0));
    }
}

/// Whose lease has run out neither makes it longer nor frees the mark for its successor.
pub async fn stale_token_cannot_renew_or_abandon<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let mark = some_mark();
    let stale = node.hold(&mark).await;
    sleep(LEASE + H::LATE).await;
    assert!(!node.holds(&stale).await, "without a successor");
    let current = other.hold(&mark).await;
    assert_eq!(node.renew(&[stale.clone(), current.clone()], LEASE).await.unwrap(), [false, true]);
    node.abandon(&stale, true).await.unwrap();
    assert!(other.holds(&current).await);
    assert!(matches!(node.begin_one(&mark).await, Begun::Busy { .. }));
}

/// Each begin has another token, across ends of leases, abandons and marks.
pub async fn tokens_never_reused<H: PersistenceHarness>() {
    let node = Stage::<H>::new().await.node().await;
    let mut tokens = Vec::new();
    let again = some_mark();
    for number in 0..50 {
        let held = node.hold(&if number % 5 == 0 { some_mark() } else { again.clone() }).await;
        assert!(!tokens.contains(&held.token));
        tokens.push(held.token);
        match number {
            20 => sleep(LEASE + H::LATE).await,
            _ => node.abandon(&held, true).await.unwrap(),
        }
    }
}

/// What is abandoned can be begun at once, and nothing of its run remains but the count of attempts, if it counts.
pub async fn abandon_frees_now<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let mark = some_mark();
    let held = node.hold(&mark).await;
    node.abandon(&held, true).await.unwrap();
    node.abandon(&held, true).await.unwrap();
    let Begun::New { token, attempt: 2 } = other.begin_one(&mark).await else { panic!("it is free, and counted once") };
    other.abandon(&Held { mark: mark.clone(), token }, false).await.unwrap();
    assert!(matches!(node.begin_one(&mark).await, Begun::New { attempt: 2, .. }), "the last one isn't counted");
    assert_eq!(node.end(held).await, Committed::Lost);
}

/// A key that is busy or done is refused to another body, and never answers it.
pub async fn same_key_other_body_conflicts<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let (one, another) = (keyed("Place", "k", None, "one"), keyed("Place", "k", None, "another"));
    let held = node.hold(&one).await;
    assert_eq!(other.begin_one(&another).await, Begun::KeyReused);
    assert!(matches!(other.begin_one(&one).await, Begun::Busy { .. }));
    node.end(held).await;
    assert_eq!(other.begin_one(&another).await, Begun::KeyReused);
    assert_eq!(other.begin_one(&one).await, Begun::Done(answer()));
    let unclaimed = other.commit(unit(UnitMark::Unclaimed(another), Journal::default())).await;
    assert_eq!(unclaimed.unwrap_err().code(), Code::KeyReused);
}

/// The same key for another request, principal or service is another key.
pub async fn keys_scoped<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let node = stage.node().await;
    for (request, principal) in
        [("Place", None), ("Place", Some("ada")), ("Place", Some("bob")), ("Ship", None), ("Ship", Some("ada"))]
    {
        node.hold(&keyed(request, "k", principal, "one")).await;
    }
    node.hold(&keyed("Place", "K", None, "one")).await;
    stage.node_of(stage.harness.cluster(), "billing").await.hold(&keyed("Place", "k", None, "other")).await;
}

/// Who waits for a busy mark goes on when it is done or freed, when its lease has run out, and at the latest after its own time.
pub async fn second_caller_waits<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    // `wait` may return early, so whoever waits asks again.
    let until_not_busy = async |mark| loop {
        match other.begin_one(mark).await {
            Begun::Busy { left } => other.wait(&mark.name, left).await.unwrap(),
            begun => break begun,
        }
    };
    let done = some_mark();
    let held = node.hold(&done).await;
    let ((), begun) = tokio::join!(
        async {
            sleep(LEASE / 4).await;
            node.end(held).await;
        },
        until_not_busy(&done)
    );
    assert_eq!(begun, Begun::Done(answer()));

    let freed = some_mark();
    let held = node.hold(&freed).await;
    let ((), begun) = tokio::join!(
        async {
            sleep(LEASE / 4).await;
            node.abandon(&held, true).await.unwrap();
        },
        until_not_busy(&freed)
    );
    assert!(matches!(begun, Begun::New { attempt: 2, .. }));

    let ended = some_mark();
    node.hold(&ended).await;
    let patience = LEASE + H::LATE + H::LATE;
    let begun = tokio::time::timeout(patience, until_not_busy(&ended)).await.expect("the lease has run out");
    assert!(matches!(begun, Begun::New { attempt: 2, .. }));

    let within = tokio::time::timeout(LEASE / 4 + H::LATE, other.wait(&ended.name, LEASE / 4)).await;
    within.expect("it waits no longer than it wants").unwrap();
    tokio::time::timeout(H::LATE, other.wait(&some_mark().name, LEASE)).await.expect("it isn't busy").unwrap();
}

/// A clock that jumps may end a lease early, so that a handler runs twice; it never commits twice.
pub async fn store_clock_jump_safe<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let mark = some_mark();
    let first = node.hold(&mark).await;
    // To who holds it, time that passes unseen is a clock that jumps.
    sleep(LEASE + H::LATE).await;
    let second = other.hold(&mark).await;
    let written = || journal([], vec![outgoing()]);
    let (one, two) = tokio::join!(
        node.commit(unit(UnitMark::Held(first), written())),
        other.commit(unit(UnitMark::Held(second), written()))
    );
    assert!(matches!(one.unwrap(), Committed::Lost | Committed::DoneBefore(_)));
    assert_eq!(two.unwrap(), Committed::Done);
    assert_eq!(node.waiting_ids().await.len(), 1);
}
