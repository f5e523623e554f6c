//! How many bytes there may be.

use super::super::super::Listing;
use super::*;

#[tokio::test]
async fn documents_are_bounded_in_bytes_with_their_keys_and_may_always_become_smaller() {
    let store = store_with(Limits { document_bytes: 10, ..Limits::default() }).await;
    commit(&store, writes([("7", Write::Insert(vec![1; 9]))])).await.unwrap();
    let large = commit(&store, writes([("8", Write::Insert(vec![]))])).await.unwrap_err();
    assert_eq!((large.code(), large.can_retry()), (Code::Unavailable, true));
    assert_eq!(
        commit(&store, writes([("7", Write::Update(vec![2; 10]))])).await.unwrap_err().code(),
        Code::Unavailable
    );
    commit(&store, writes([("7", Write::Update(vec![3; 8]))])).await.unwrap();
    commit(&store, writes([("8", Write::Insert(vec![]))])).await.unwrap();
}

#[tokio::test]
async fn the_outbox_is_bounded_in_bytes_and_its_fullness_is_that_of_what_is_scarcer() {
    let store = store_with(Limits { outbox: 1_000, outbox_bytes: 2_000, ..Limits::default() }).await;
    commit(&store, putting_out(Journal::default(), 3)).await.unwrap();
    let fullness = store.fullness().await.unwrap();
    assert!((0.75..1.0).contains(&fullness), "{fullness}");
    let full = commit(&store, putting_out(Journal::default(), 1)).await.unwrap_err();
    assert_eq!((full.code(), full.can_retry()), (Code::OutboxFull, true));
}

#[tokio::test]
async fn a_page_of_documents_is_bounded_in_bytes_and_still_gets_on() {
    let store = store().await;
    const MIB: usize = 1024 * 1024;
    for (name, bytes) in [("a", 3 * MIB), ("b", 5 * MIB), ("c", 1), ("d", 8 * MIB)] {
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
    assert_eq!(pages, ["ab", "c", "d"]);
}
