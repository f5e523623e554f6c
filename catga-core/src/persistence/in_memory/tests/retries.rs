use super::*;
use crate::error::Code;

#[tokio::test(start_paused = true)]
async fn what_is_put_off_becomes_an_entry_when_it_is_due_behind_what_is_there() {
    let store = store().await;
    let (later, sooner, committed) = (outgoing(), outgoing(), putting_out(Journal::default(), 1));
    let committed_id = committed.outgoing()[0].envelope.id;
    for (again, seconds) in [(&later, 10), (&sooner, 5)] {
        let held = hold(&store, &some_mark()).await;
        assert!(store.put_off(&held, again.clone(), seconds * SECOND).await.unwrap());
    }
    tokio::time::advance(5 * SECOND - Duration::from_millis(1)).await;
    commit(&store, committed).await.unwrap();
    assert_eq!(waiting(&store).await, [committed_id], "never early");
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!(waiting(&store).await, [committed_id, sooner.envelope.id]);
    tokio::time::advance(5 * SECOND).await;
    let last = putting_out(Journal::default(), 1);
    let last_id = last.outgoing()[0].envelope.id;
    commit(&store, last).await.unwrap();
    assert_eq!(waiting(&store).await, [committed_id, sooner.envelope.id, later.envelope.id, last_id]);
}

#[tokio::test(start_paused = true)]
async fn a_waiting_relay_is_woken_when_the_next_one_is_due() {
    let store = store().await;
    let start = runtime::now();
    let waiting = {
        let store = store.clone();
        runtime::spawn(async move {
            store.wait_for_entries(None).await.unwrap();
            runtime::now()
        })
    };
    tokio::task::yield_now().await;
    // The one that is put off later is due sooner.
    for seconds in [10, 5] {
        let held = hold(&store, &some_mark()).await;
        assert!(store.put_off(&held, outgoing(), seconds * SECOND).await.unwrap());
    }
    assert_eq!(waiting.await.unwrap() - start, 5 * SECOND);
}

#[tokio::test]
async fn putting_off_frees_the_mark_and_its_attempt_stays_counted() {
    let store = store().await;
    let mark = some_mark();
    let held = hold(&store, &mark).await;
    assert!(store.put_off(&held, outgoing(), SECOND).await.unwrap());
    assert!(store.put_off(&held, outgoing(), SECOND).await.unwrap(), "it has done so before");
    assert!(matches!(begin(&store, &mark).await, Begun::New { attempt: 2, .. }));
    assert!(!store.put_off(&held, outgoing(), SECOND).await.unwrap(), "another has begun it");
    assert!(store.fullness().await.unwrap() > 0.0);
}

#[tokio::test(start_paused = true)]
async fn who_lost_the_mark_puts_nothing_off() {
    let store = store().await;
    let stale = hold(&store, &some_mark()).await;
    tokio::time::advance(LEASE).await;
    assert!(!store.put_off(&stale, outgoing(), SECOND).await.unwrap());
    assert_eq!(store.fullness().await.unwrap(), 0.0);
}

#[tokio::test(start_paused = true)]
async fn what_is_put_off_counts_against_the_outbox() {
    let store = store_with(Limits { outbox: 2, ..Limits::default() }).await;
    let held = hold(&store, &some_mark()).await;
    assert!(store.put_off(&held, outgoing(), SECOND).await.unwrap());
    assert_eq!(store.fullness().await.unwrap(), 0.5);
    commit(&store, putting_out(Journal::default(), 1)).await.unwrap();

    let held = hold(&store, &some_mark()).await;
    let full = store.put_off(&held, outgoing(), SECOND).await.unwrap_err();
    assert_eq!(full.code(), Code::OutboxFull);
    assert_eq!(store.renew(&[held], LEASE).await.unwrap(), [true], "the mark is as it was");
    let full = commit(&store, putting_out(Journal::default(), 1)).await.unwrap_err();
    assert_eq!(full.code(), Code::OutboxFull);
    tokio::time::advance(SECOND).await;
    assert_eq!((waiting(&store).await.len(), store.fullness().await.unwrap()), (2, 1.0));
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
