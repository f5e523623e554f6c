use super::super::super::{EntryId, Relay};
use super::*;
use crate::error::Code;

async fn put_out(store: &Arc<dyn Store>, count: usize) {
    commit(store, putting_out(Journal::default(), count)).await.unwrap();
}

async fn relay(store: &Arc<dyn Store>) -> Relay {
    let relay = Relay::new();
    assert!(store.claim(relay, LEASE).await.unwrap());
    relay
}

async fn ids(store: &Arc<dyn Store>, relay: Relay) -> Vec<EntryId> {
    store.entries(relay, None, 1_000).await.unwrap().iter().map(|entry| entry.id).collect()
}

#[tokio::test(start_paused = true)]
async fn relay_one_holder() {
    let store = store().await;
    put_out(&store, 1).await;
    let (first, second) = (relay(&store).await, Relay::new());
    tokio::time::advance(2 * SECOND).await;
    assert!(!store.claim(second, LEASE).await.unwrap());
    assert!(store.claim(first, LEASE).await.unwrap(), "the holder makes its lease longer");
    tokio::time::advance(2 * SECOND).await;
    assert!(!store.claim(second, LEASE).await.unwrap());
    assert!(ids(&store, second).await.is_empty());

    tokio::time::advance(SECOND).await;
    assert!(ids(&store, first).await.is_empty(), "a lease that ran out is no claim");
    assert!(store.claim(second, LEASE).await.unwrap());
    assert_eq!(ids(&store, second).await.len(), 1);
    store.release(first).await.unwrap();
    assert!(!store.claim(first, LEASE).await.unwrap(), "only the holder gives it up");
    store.release(second).await.unwrap();
    assert!(store.claim(first, LEASE).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn late_settle_after_takeover_harmless() {
    let store = store().await;
    put_out(&store, 2).await;
    let late = relay(&store).await;
    let entries = ids(&store, late).await;
    tokio::time::advance(LEASE).await;
    let successor = relay(&store).await;
    store.settle(late, &entries).await.unwrap();
    assert_eq!(ids(&store, successor).await, entries);
}

#[tokio::test(start_paused = true)]
async fn crash_publish_before_settle() {
    let store = store().await;
    put_out(&store, 1).await;
    let crashed = relay(&store).await;
    let before = store.entries(crashed, None, 10).await.unwrap();
    tokio::time::advance(LEASE).await;
    let after = store.entries(relay(&store).await, None, 10).await.unwrap();
    assert_eq!(before[0].outgoing.envelope, after[0].outgoing.envelope);
}

#[tokio::test]
async fn outbox_order_per_origin() {
    let store = store().await;
    let mut sent = Vec::new();
    for count in [3, 1, 2] {
        let journal = putting_out(Journal::default(), count);
        sent.extend(journal.outgoing().iter().map(|outgoing| outgoing.envelope.id));
        commit(&store, journal).await.unwrap();
    }
    let relay = relay(&store).await;
    let first = store.entries(relay, None, 4).await.unwrap();
    let rest = store.entries(relay, Some(first[3].id), 4).await.unwrap();
    let seen = Vec::from_iter(first.iter().chain(&rest).map(|entry| entry.outgoing.envelope.id));
    assert_eq!(seen, sent);
}

#[tokio::test]
async fn bad_destination_isolated() {
    let store = store().await;
    put_out(&store, 3).await;
    let relay = relay(&store).await;
    let entries = ids(&store, relay).await;
    store.settle(relay, &[entries[0], entries[2], entries[2]]).await.unwrap();
    assert_eq!(ids(&store, relay).await, [entries[1]]);
}

#[tokio::test]
async fn outgoing_reload_verbatim() {
    let store = store().await;
    let mut envelope = Envelope::new(MessageId::new(), "Place", Kind::Command, Codec::MessagePack, vec![0, 255]);
    envelope.headers_mut().user.set("tenant", "blå: \"x\"").unwrap();
    let route = Route::Enqueue { delay: Some(SECOND) };
    let mut journal = Journal::default();
    journal.put_out(Outgoing { envelope: envelope.clone(), route }).unwrap();
    commit(&store, journal).await.unwrap();
    let entry = store.entries(relay(&store).await, None, 1).await.unwrap().remove(0);
    assert_eq!((entry.outgoing.envelope, entry.outgoing.route), (envelope, route));
}

#[tokio::test]
async fn commit_wakes_relay() {
    let store = store().await;
    let relay = relay(&store).await;
    let waiting = {
        let store = store.clone();
        runtime::spawn(async move { store.wait_for_entries(None).await.unwrap() })
    };
    tokio::task::yield_now().await;
    commit(&store, writes([("7", Write::Put(vec![1]))])).await.unwrap();
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished(), "nothing is to be published");
    put_out(&store, 1).await;
    waiting.await.unwrap();

    let last = ids(&store, relay).await[0];
    store.wait_for_entries(None).await.unwrap();
    let none_behind = runtime::until(Some(runtime::now()), store.wait_for_entries(Some(last))).await;
    assert!(none_behind.is_none());
}

#[tokio::test]
async fn a_full_outbox_takes_more_when_some_is_settled() {
    let store = store_with(Limits { outbox: 4, ..Limits::default() }).await;
    put_out(&store, 4).await;
    let full = commit(&store, putting_out(Journal::default(), 1)).await.unwrap_err();
    assert_eq!((full.code(), full.can_retry()), (Code::OutboxFull, true));
    commit(&store, Journal::default()).await.unwrap();
    let relay = relay(&store).await;
    let entries = ids(&store, relay).await;
    store.settle(relay, &entries[..1]).await.unwrap();
    assert_eq!(store.fullness().await.unwrap(), 0.75);
    put_out(&store, 1).await;
    let last = *ids(&store, relay).await.last().unwrap();
    assert!(entries.iter().all(|entry| *entry < last), "a place is never given twice");
}
