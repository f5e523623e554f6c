use super::*;
use crate::codec::{BodyIdentity, BodyLimit};
use crate::error::Code;

fn identity(of: &str) -> Option<BodyIdentity> {
    Some(BodyIdentity::of(of, BodyLimit::default()).unwrap())
}

fn keyed(key: &str, principal: Option<&str>, body: &str) -> Mark {
    let principal = principal.map(str::to_owned);
    let name = MarkName::Key { request: "Place".to_owned(), principal, key: key.to_owned() };
    Mark { name, identity: identity(body), retention: RETENTION }
}

#[tokio::test]
async fn begin_new_then_done() {
    let store = store().await;
    let mark = some_mark();
    let held = hold(&store, &mark).await;
    assert_eq!(store.commit(unit(UnitMark::Held(held), Journal::default())).await.unwrap(), Committed::Done);
    assert_eq!(begin(&store, &mark).await, Begun::Done(answer(1)));
}

#[tokio::test]
async fn begin_race_one_new() {
    let store = store().await;
    let mark = some_mark();
    let callers = (0..20).map(|_| {
        let (store, mark) = (store.clone(), mark.clone());
        runtime::spawn(async move { matches!(begin(&store, &mark).await, Begun::New { .. }) })
    });
    let mut new = 0;
    for caller in Vec::from_iter(callers) {
        new += usize::from(caller.await.unwrap());
    }
    assert_eq!(new, 1);
}

#[tokio::test]
async fn begin_scopes_independent() {
    let id = MessageId::new();
    let persistence = InMemory::new();
    for (cluster, service) in [("test", "orders"), ("test", "billing"), ("other", "orders")] {
        let store = persistence.open(cluster, service).await.unwrap();
        hold(&store, &mark("Placed/send_receipt", id)).await;
        hold(&store, &mark("Placed/count", id)).await;
    }
    let again = persistence.open("test", "orders").await.unwrap();
    assert!(matches!(begin(&again, &mark("Placed/count", id)).await, Begun::Busy { .. }));
}

#[tokio::test]
async fn several_marks_begin_independently_and_in_order() {
    let store = store().await;
    let marks = [some_mark(), some_mark()];
    let held = hold(&store, &marks[1]).await;
    store.commit(unit(UnitMark::Held(held), Journal::default())).await.unwrap();
    let begun = store.begin(&marks, LEASE).await.unwrap();
    assert!(matches!(begun[..], [Begun::New { attempt: 1, .. }, Begun::Done(_)]), "{begun:?}");
}

#[tokio::test(start_paused = true)]
async fn busy_until_honest() {
    let store = store().await;
    let mark = some_mark();
    hold(&store, &mark).await;
    tokio::time::advance(SECOND).await;
    let Begun::Busy { left } = begin(&store, &mark).await else { panic!("it is busy") };
    assert_eq!(left, LEASE - SECOND);
    tokio::time::advance(left).await;
    assert!(matches!(begin(&store, &mark).await, Begun::New { attempt: 2, .. }));
}

#[tokio::test(start_paused = true)]
async fn a_renewed_lease_lasts() {
    let store = store().await;
    let mark = some_mark();
    let held = hold(&store, &mark).await;
    for _ in 0..5 {
        tokio::time::advance(2 * SECOND).await;
        assert_eq!(store.renew(std::slice::from_ref(&held), LEASE).await.unwrap(), [true]);
    }
    tokio::time::advance(2 * SECOND).await;
    let outcome = store.commit(unit(UnitMark::Held(held), Journal::default())).await.unwrap();
    assert_eq!(outcome, Committed::Done);
}

#[tokio::test(start_paused = true)]
async fn stale_token_cannot_commit() {
    for has_successor in [false, true] {
        let store = store().await;
        let mark = some_mark();
        let held = hold(&store, &mark).await;
        tokio::time::advance(LEASE).await;
        if has_successor {
            hold(&store, &mark).await;
        }
        let journal = writes([("7", Write::Insert(vec![1]))]);
        assert_eq!(store.commit(unit(UnitMark::Held(held), journal)).await.unwrap(), Committed::Lost);
        assert_eq!(version(&store, "7").await, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn stale_token_cannot_renew_or_abandon() {
    let store = store().await;
    let mark = some_mark();
    let stale = hold(&store, &mark).await;
    tokio::time::advance(LEASE).await;
    assert_eq!(store.renew(std::slice::from_ref(&stale), LEASE).await.unwrap(), [false], "without a successor");
    let current = hold(&store, &mark).await;
    assert_eq!(store.renew(&[stale.clone(), current.clone()], LEASE).await.unwrap(), [false, true]);
    store.abandon(&stale, true).await.unwrap();
    assert!(matches!(begin(&store, &mark).await, Begun::Busy { .. }));
}

#[tokio::test]
async fn tokens_never_reused() {
    let store = store().await;
    let mark = some_mark();
    let mut tokens = Vec::new();
    for _ in 0..100 {
        let held = hold(&store, &mark).await;
        assert!(!tokens.contains(&held.token));
        tokens.push(held.token);
        store.abandon(&held, true).await.unwrap();
    }
}

#[tokio::test]
async fn abandon_frees_now() {
    let store = store().await;
    let mark = some_mark();
    let held = hold(&store, &mark).await;
    store.abandon(&held, true).await.unwrap();
    let Begun::New { token, attempt: 2 } = begin(&store, &mark).await else { panic!("it is free") };
    store.abandon(&Held { mark: mark.clone(), token }, false).await.unwrap();
    assert!(matches!(begin(&store, &mark).await, Begun::New { attempt: 2, .. }), "the last one wasn't counted");
}

#[tokio::test]
async fn same_key_other_body_conflicts() {
    let store = store().await;
    let held = hold(&store, &keyed("k", None, "one")).await;
    assert_eq!(begin(&store, &keyed("k", None, "other")).await, Begun::KeyReused);
    store.commit(unit(UnitMark::Held(held), Journal::default())).await.unwrap();
    assert_eq!(begin(&store, &keyed("k", None, "other")).await, Begun::KeyReused);
    assert_eq!(begin(&store, &keyed("k", None, "one")).await, Begun::Done(answer(1)));
    let unclaimed = unit(UnitMark::Unclaimed(keyed("k", None, "other")), Journal::default());
    assert_eq!(store.commit(unclaimed).await.unwrap_err().code(), Code::KeyReused);
}

#[tokio::test]
async fn keys_scoped() {
    let store = store().await;
    hold(&store, &keyed("k", None, "one")).await;
    hold(&store, &keyed("k", Some("ada"), "other")).await;
    hold(&store, &keyed("k", Some("bob"), "another")).await;
    let other_request = MarkName::Key { request: "Ship".to_owned(), principal: None, key: "k".to_owned() };
    hold(&store, &Mark { name: other_request, identity: None, retention: RETENTION }).await;
}

#[tokio::test(start_paused = true)]
async fn second_caller_waits() {
    let store = store().await;
    let mark = some_mark();
    let held = hold(&store, &mark).await;
    let start = runtime::now();
    let waiting = {
        let (store, name) = (store.clone(), mark.name.clone());
        runtime::spawn(async move { store.wait(&name, 10 * SECOND).await.unwrap() })
    };
    store.wait(&mark.name, SECOND).await.unwrap();
    assert_eq!(runtime::now() - start, SECOND, "no longer than it wants");
    assert!(!waiting.is_finished());

    store.commit(unit(UnitMark::Held(held), Journal::default())).await.unwrap();
    waiting.await.unwrap();
    assert_eq!(runtime::now() - start, SECOND, "woken by the commit");
    store.wait(&mark.name, SECOND).await.unwrap();
    assert_eq!(runtime::now() - start, SECOND, "it isn't busy");
}

#[tokio::test(start_paused = true)]
async fn a_waiting_caller_is_woken_when_the_lease_runs_out() {
    let store = store().await;
    let mark = some_mark();
    hold(&store, &mark).await;
    let start = runtime::now();
    store.wait(&mark.name, 10 * SECOND).await.unwrap();
    assert_eq!(runtime::now() - start, LEASE);
}

#[tokio::test(start_paused = true)]
async fn retention_minimum_kept() {
    let store = store_with(Limits { marks: 1, ..Limits::default() }).await;
    let mark = some_mark();
    let held = hold(&store, &mark).await;
    store.commit(unit(UnitMark::Held(held), Journal::default())).await.unwrap();
    tokio::time::advance(RETENTION - SECOND).await;
    assert_eq!(begin(&store, &mark).await, Begun::Done(answer(1)));
    let refused = store.begin(&[some_mark()], LEASE).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable, "a mark gives its place to none other before its time");

    tokio::time::advance(SECOND).await;
    hold(&store, &some_mark()).await;
}

#[tokio::test(start_paused = true)]
async fn retention_counts_from_the_end_of_the_work() {
    let store = store().await;
    let mark = some_mark();
    let held = hold(&store, &mark).await;
    let mut worked = Duration::ZERO;
    while worked < 2 * RETENTION {
        tokio::time::advance(SECOND).await;
        worked += SECOND;
        assert_eq!(store.renew(std::slice::from_ref(&held), LEASE).await.unwrap(), [true]);
        assert!(matches!(begin(&store, &mark).await, Begun::Busy { .. }));
    }
    store.commit(unit(UnitMark::Held(held), Journal::default())).await.unwrap();
    tokio::time::advance(RETENTION - SECOND).await;
    assert_eq!(begin(&store, &mark).await, Begun::Done(answer(1)));
}

#[tokio::test]
async fn kept_answers_are_bounded() {
    let store = store_with(Limits { answer_bytes: 15, ..Limits::default() }).await;
    assert_eq!(
        store.commit(unit(UnitMark::Unclaimed(some_mark()), Journal::default())).await.unwrap(),
        Committed::Done
    );
    let refused = store.commit(unit(UnitMark::Unclaimed(some_mark()), Journal::default())).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable);
    assert!(StoredAnswer::new(vec![0; StoredAnswer::MAX_BYTES]).is_ok());
    assert_eq!(StoredAnswer::new(vec![0; StoredAnswer::MAX_BYTES + 1]).unwrap_err().code(), Code::TooLarge);
}
