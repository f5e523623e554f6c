use super::super::super::{Listing, Relay};
use super::*;
use crate::error::Code;

#[tokio::test]
async fn commit_all_or_nothing() {
    let store = store().await;
    let mark = some_mark();
    let held = hold(&store, &mark).await;
    let journal = || putting_out(writes([("7", Write::Insert(vec![1])), ("8", Write::Insert(vec![2]))]), 2);
    let relay = Relay::new();
    assert!(store.claim(relay, LEASE).await.unwrap());
    assert_eq!(store.commit(unit(UnitMark::Held(held), journal())).await.unwrap(), Committed::Done);
    assert_eq!(store.get("Order", "7").await.unwrap().unwrap().body, [1][..]);
    assert_eq!(store.entries(relay, None, 10).await.unwrap().len(), 2);
    assert!(matches!(begin(&store, &mark).await, Begun::Done(_)));

    let other = some_mark();
    let held = hold(&store, &other).await;
    let journal = putting_out(writes([("8", Write::Insert(vec![3])), ("9", Write::Insert(vec![3]))]), 1);
    let refused = store.commit(unit(UnitMark::Held(held.clone()), journal)).await.unwrap_err();
    assert_eq!(refused.code(), Code::Conflict);
    assert_eq!(refused.to_string(), "there is a `Order` of the key \"8\" already");
    assert_eq!(version(&store, "9").await, 0);
    assert_eq!(store.entries(relay, None, 10).await.unwrap().len(), 2);
    assert_eq!(store.renew(&[held], LEASE).await.unwrap(), [true], "the mark is as it was");
}

#[tokio::test]
async fn commit_conflict_writes_nothing() {
    let store = store().await;
    commit(&store, writes([("7", Write::Insert(vec![1]))])).await.unwrap();
    let read = version(&store, "7").await;
    commit(&store, writes([("7", Write::Update(vec![2]))])).await.unwrap();

    let stale = having_read(writes([("7", Write::Update(vec![3])), ("8", Write::Insert(vec![3]))]), "7", read);
    assert_eq!(commit(&store, putting_out(stale, 1)).await.unwrap(), Committed::Moved);
    assert_eq!(store.get("Order", "7").await.unwrap().unwrap().body, [2][..]);
    assert_eq!((version(&store, "8").await, store.fullness().await.unwrap()), (0, 0.0));

    let missing = commit(&store, writes([("9", Write::Update(vec![1]))])).await.unwrap_err();
    assert_eq!(missing.code(), Code::Conflict);
}

#[tokio::test]
async fn read_versions_checked() {
    let store = store().await;
    commit(&store, writes([("7", Write::Insert(vec![1]))])).await.unwrap();
    let read = version(&store, "7").await;
    let only_read = || having_read(writes([("8", Write::Put(vec![1]))]), "7", read);
    assert_eq!(commit(&store, only_read()).await.unwrap(), Committed::Done);

    commit(&store, writes([("7", Write::Remove)])).await.unwrap();
    assert_eq!(commit(&store, only_read()).await.unwrap(), Committed::Moved);
    commit(&store, writes([("7", Write::Insert(vec![1]))])).await.unwrap();
    assert_eq!(commit(&store, only_read()).await.unwrap(), Committed::Moved, "a version never comes again");

    let absent = having_read(writes([("7", Write::Insert(vec![2]))]), "7", 0);
    assert_eq!(commit(&store, absent).await.unwrap(), Committed::Moved, "a version goes before a conflict");
}

#[tokio::test]
async fn commit_lost_reply_resolves() {
    let store = store().await;
    let id = UnitId::new();
    let again = || Unit { id, mark: UnitMark::None, journal: putting_out(Journal::default(), 1), answer: answer(1) };
    let relay = Relay::new();
    store.claim(relay, LEASE).await.unwrap();
    for _ in 0..2 {
        assert_eq!(store.commit(again()).await.unwrap(), Committed::Done);
    }
    assert_eq!(store.entries(relay, None, 10).await.unwrap().len(), 1);
    assert!(store.resolve(id).await.unwrap());

    let late = unit(UnitMark::None, writes([("7", Write::Insert(vec![1]))]));
    assert!(!store.resolve(late.id).await.unwrap());
    assert_eq!(store.commit(late).await.unwrap(), Committed::Lost, "what was resolved as not committed never is");
    assert_eq!(version(&store, "7").await, 0);
}

#[tokio::test]
async fn an_unclaimed_mark_is_done_once() {
    let store = store().await;
    let mark = some_mark();
    let journal = || putting_out(Journal::default(), 1);
    let first = store.commit(unit(UnitMark::Unclaimed(mark.clone()), journal())).await.unwrap();
    let second = store.commit(unit(UnitMark::Unclaimed(mark.clone()), journal())).await.unwrap();
    assert_eq!((first, second), (Committed::Done, Committed::DoneBefore(answer(1))));

    let other = some_mark();
    let held = hold(&store, &other).await;
    let unclaimed = store.commit(unit(UnitMark::Unclaimed(other), journal())).await.unwrap();
    assert_eq!(unclaimed, Committed::Lost, "somebody has begun it");
    store.commit(unit(UnitMark::Held(held.clone()), journal())).await.unwrap();
    let again = store.commit(unit(UnitMark::Held(held), journal())).await.unwrap();
    assert_eq!(again, Committed::DoneBefore(answer(1)));
}

#[tokio::test]
async fn commit_rejects_whole_on_limits() {
    let store = store_with(Limits { documents: 2, outbox: 2, document_bytes: 100, ..Limits::default() }).await;
    let two = || writes([("7", Write::Insert(vec![1])), ("8", Write::Insert(vec![1]))]);
    let full = commit(&store, putting_out(two(), 3)).await.unwrap_err();
    assert_eq!((full.code(), version(&store, "7").await), (Code::OutboxFull, 0));
    commit(&store, putting_out(two(), 2)).await.unwrap();
    assert_eq!(store.fullness().await.unwrap(), 1.0);

    let full =
        commit(&store, writes([("7", Write::Update(vec![2])), ("9", Write::Insert(vec![1]))])).await.unwrap_err();
    assert_eq!(
        (full.code(), store.get("Order", "7").await.unwrap().unwrap().body),
        (Code::Unavailable, vec![1].into())
    );
    let large = commit(&store, writes([("7", Write::Update(vec![2; 100]))])).await.unwrap_err();
    assert_eq!(large.code(), Code::Unavailable);
    let swap = writes([("7", Write::Remove), ("9", Write::Insert(vec![1]))]);
    assert_eq!(commit(&store, swap).await.unwrap(), Committed::Done);
}

#[tokio::test]
async fn services_and_clusters_share_no_documents() {
    let persistence = InMemory::new();
    let orders = persistence.open("test", "orders").await.unwrap();
    commit(&orders, writes([("7", Write::Insert(vec![1]))])).await.unwrap();
    for (cluster, service) in [("test", "billing"), ("other", "orders")] {
        let other = persistence.open(cluster, service).await.unwrap();
        assert_eq!(version(&other, "7").await, 0);
    }
    let again = persistence.clone().open("test", "orders").await.unwrap();
    assert_ne!(version(&again, "7").await, 0);
}

#[tokio::test]
async fn a_list_is_ordered_and_its_pages_cover_all_once() {
    let store = store().await;
    let journal = ["b", "a1", "a", "a2", "ä", "a10"].map(|key| (key, Write::Put(vec![1])));
    commit(&store, writes(journal)).await.unwrap();
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = store.list("Order", Listing { prefix: "a".to_owned(), after, limit: 2 }).await.unwrap();
        seen.extend(page.documents.iter().map(|(key, _)| key.clone()));
        after = seen.last().cloned();
        if !page.more {
            break;
        }
    }
    assert_eq!(seen, ["a", "a1", "a10", "a2"]);
    let all = store.list("Order", Listing { limit: 100, ..Listing::default() }).await.unwrap();
    assert_eq!((all.documents.len(), all.more), (6, false));
    let none = store.list("Invoice", Listing { limit: 100, ..Listing::default() }).await.unwrap();
    assert!(none.documents.is_empty());
}

#[tokio::test]
async fn a_list_is_bounded_in_bytes_and_still_gets_on() {
    let store = store().await;
    const MIB: usize = 1024 * 1024;
    for (name, bytes) in [("a", 3 * MIB), ("b", 5 * MIB), ("c", 1), ("d", 8 * MIB), ("e", 8 * MIB)] {
        commit(&store, writes([(name, Write::Put(vec![0; bytes]))])).await.unwrap();
    }
    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let page = store.list("Order", Listing { after, limit: 100, ..Listing::default() }).await.unwrap();
        let keys = Vec::from_iter(page.documents.into_iter().map(|(key, _)| key));
        after = keys.last().cloned();
        pages.push(keys.concat());
        if !page.more {
            break;
        }
    }
    assert_eq!(pages, ["ab", "c", "d", "e"]);
}
