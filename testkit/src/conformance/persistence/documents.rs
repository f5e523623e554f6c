//! Documents, as they are read.

use catga_core::context::Write;
use catga_core::persistence::Listing;

use super::PersistenceHarness;
use super::stage::{Node, Stage, journal};

/// The keys of all pages, a page a list.
async fn pages(node: &Node, prefix: &str, limit: usize) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let listed = node.list("Order", Listing { prefix: prefix.to_owned(), after, limit }).await.unwrap();
        let keys = Vec::from_iter(listed.documents.into_iter().map(|(key, _)| key));
        assert!(keys.len() <= limit && (!listed.more || !keys.is_empty()), "a page gets on");
        after = keys.last().cloned();
        pages.push(keys);
        if !listed.more {
            return pages;
        }
    }
}

/// A document is read in every byte, with a version that stays as long as it does; keys may hold whatever text there is.
pub async fn document_bytes_identical<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let every = Vec::from_iter(0..=255);
    for (key, body) in [("a", &every[..]), ("a b/c:{d}*?[\"", &[]), ("ä\u{1f980}", &[0])] {
        node.write(journal([(key, Write::Put(body.to_vec()))], Vec::new())).await.unwrap();
        let stored = other.get("Order", key).await.unwrap().unwrap();
        assert_eq!(&stored.body[..], body, "{key:?}");
        assert_eq!(node.version(key).await, stored.version);
        assert_ne!(stored.version, 0);
    }
    assert_eq!(other.get("Order", "b").await.unwrap(), None);
    assert_eq!(other.get("Invoice", "a").await.unwrap(), None);
    assert_eq!(pages(&node, "a b/c:{d}*?[", 9).await, [["a b/c:{d}*?[\""]]);
}

/// A list is in the order of the keys' bytes; its pages cover each document once that is there all the time.
pub async fn list_pages_cover_all_once<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let keys = ["b", "a1", "a", "a2", "ä", "a10", "A"].map(|key| (key, Write::Put(vec![1])));
    node.write(journal(keys, Vec::new())).await.unwrap();
    for limit in 1..6 {
        assert_eq!(pages(&other, "a", limit).await.concat(), ["a", "a1", "a10", "a2"], "{limit} a page");
    }
    assert_eq!(pages(&other, "", 3).await.concat(), ["A", "a", "a1", "a10", "a2", "b", "ä"]);
    let before_prefix = Listing { prefix: "a1".to_owned(), after: Some("A".to_owned()), limit: 1 };
    let listed = other.list("Order", before_prefix).await.unwrap();
    assert_eq!((&*listed.documents[0].0, listed.more), ("a1", true));

    let first = other.list("Order", Listing { limit: 2, ..Listing::default() }).await.unwrap();
    // What goes and comes meanwhile moves nothing else.
    node.write(journal([("A", Write::Remove), ("Z", Write::Insert(vec![1]))], Vec::new())).await.unwrap();
    let after = first.documents.last().map(|(key, _)| key.clone());
    let rest = other.list("Order", Listing { after, limit: 9, ..Listing::default() }).await.unwrap();
    let rest = Vec::from_iter(rest.documents.iter().map(|(key, _)| &**key));
    assert_eq!(rest, ["a1", "a10", "a2", "b", "ä"]);
    assert!(pages(&other, "c", 9).await.concat().is_empty());
}

/// A page holds no more than so many bytes, but a document at least.
pub async fn list_is_bounded_in_bytes<H: PersistenceHarness>() {
    let node = Stage::<H>::new().await.node().await;
    let large = Listing::MAX_BYTES / 16;
    for key in 10..40 {
        node.write(journal([(&*key.to_string(), Write::Put(vec![7; large]))], Vec::new())).await.unwrap();
    }
    let pages = pages(&node, "", 1_000).await;
    assert!(pages.iter().all(|page| page.len() <= 16), "{pages:?}");
    assert_eq!(pages.concat(), Vec::from_iter((10..40).map(|key| key.to_string())));
}
