//! How long marks are kept, to the moment, and how many.

use super::super::super::Relay;
use super::*;

#[tokio::test(start_paused = true)]
async fn a_mark_gives_its_place_back_when_its_retention_is_over_and_not_before() {
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

#[tokio::test(start_paused = true)]
async fn a_mark_outlives_its_retention_while_its_letter_exists() {
    let store = store_with(Limits { marks: 1, ..Limits::default() }).await;
    let (letter, held) = buried(&store).await;
    tokio::time::advance(3 * RETENTION).await;
    assert_eq!(begin(&store, &held.mark).await, Begun::Dead);

    assert!(store.discard(&letter.id, "ada").await.unwrap());
    tokio::time::advance(RETENTION - SECOND).await;
    assert_eq!(begin(&store, &held.mark).await, Begun::Dead, "stray copies don't run");
    assert_eq!(store.begin(&[some_mark()], LEASE).await.unwrap_err().code(), Code::Unavailable);
    tokio::time::advance(SECOND).await;
    hold(&store, &some_mark()).await;
}

#[tokio::test(start_paused = true)]
async fn a_mark_that_was_freed_by_a_replay_is_forgotten_in_its_time() {
    let store = store_with(Limits { marks: 1, ..Limits::default() }).await;
    for watched_anew in [false, true] {
        let (letter, _) = buried(&store).await;
        if watched_anew {
            tokio::time::advance(3 * RETENTION).await;
            store.begin(&[some_mark()], LEASE).await.unwrap_err();
        }
        assert!(store.replay(&letter.id, outgoing(), "ada").await.unwrap());
        tokio::time::advance(RETENTION).await;
        let other = hold(&store, &some_mark()).await;
        store.abandon(&other, false).await.unwrap();
        tokio::time::advance(RETENTION).await;
    }
}

#[tokio::test]
async fn times_without_end_overflow_no_clock() {
    let store = store().await;
    let endless = Mark { retention: Duration::MAX, ..some_mark() };
    let begun = store.begin(std::slice::from_ref(&endless), Duration::MAX).await.unwrap().remove(0);
    let Begun::New { token, .. } = begun else { panic!("it is new") };
    let held = Held { mark: endless.clone(), token };
    assert_eq!(store.renew(std::slice::from_ref(&held), Duration::MAX).await.unwrap(), [true]);
    assert!(store.put_off(&held, outgoing(), Duration::MAX).await.unwrap());
    let held = hold(&store, &endless).await;
    store.abandon(&held, true).await.unwrap();
    let held = hold(&store, &endless).await;
    store.commit(unit(UnitMark::Held(held), Journal::default())).await.unwrap();
    assert!(store.claim(Relay::new(), Duration::MAX).await.unwrap());
    assert!(matches!(begin(&store, &endless).await, Begun::Done(_)));
}
