//! What a program reads that another version of it wrote.

use super::super::Older;
use super::*;
use crate::error::Code;

/// An order of version 3: its total is in cents, and it has a currency.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Order3 {
    id: String,
    cents: u64,
    currency: String,
}

#[derive(Deserialize)]
struct Order2 {
    id: String,
    cents: u64,
}

impl Document for Order3 {
    const NAME: &'static str = "Order";
    const VERSION: u32 = 3;
    type Key = String;

    fn key(&self) -> String {
        self.id.clone()
    }

    fn upgrade(old: Older<'_>) -> Result<Self> {
        let (id, cents) = match old.version() {
            1 => old.decode::<Order>().map(|order| (order.id, u64::from(order.total) * 100))?,
            2 => old.decode::<Order2>().map(|order| (order.id, order.cents))?,
            _ => return Err(old.unknown()),
        };
        Ok(Self { id, cents, currency: "EUR".to_owned() })
    }
}

impl Service {
    /// Stores these bytes as an order.
    async fn with_bytes(&self, key: &str, body: Vec<u8>) {
        let mut journal = Journal::default();
        journal.remove(Collection::<Order>::stored_key(key.to_owned())).unwrap();
        journal.insert(Collection::<Order>::stored_key(key.to_owned()), body).unwrap();
        assert_eq!(self.commit(journal).await.unwrap(), Committed::Done);
    }

    fn newer(&self) -> (Documents<Order3>, DocumentsView<Order3>) {
        (Documents(Collection::new(self.store.clone())), DocumentsView(Collection::new(self.store.clone())))
    }
}

#[tokio::test]
async fn a_document_is_stored_as_a_list_of_its_version_and_its_named_values() {
    let service = Service::new().await.with([order("a", 7)]).await;
    let stored = service.store.get("Order", "a").await.unwrap().unwrap();
    assert_eq!(stored.body, b"\x92\x01\x83\xa2id\xa1a\xa5total\x07\xa4note\xa0"[..]);
}

#[tokio::test]
async fn a_field_with_a_default_may_come_without_a_new_version() {
    #[derive(Serialize)]
    struct Older {
        id: &'static str,
        total: u32,
    }

    let service = Service::new().await;
    service.with_bytes("a", rmp_serde::to_vec_named(&(1, Older { id: "a", total: 7 })).unwrap()).await;
    assert_eq!(service.view.get(&key("a")).await.unwrap(), Some(order("a", 7)));
}

#[tokio::test]
async fn older_documents_are_upgraded_where_they_are_read_and_stored_so_when_they_are_updated() {
    #[derive(Serialize)]
    struct Order2 {
        id: &'static str,
        cents: u64,
    }

    let service = Service::new().await.with([order("a", 7)]).await;
    service.with_bytes("b", rmp_serde::to_vec_named(&(2, Order2 { id: "b", cents: 9 })).unwrap()).await;
    let (documents, view) = service.newer();
    let upgraded = |id: &str, cents| Order3 { id: id.to_owned(), cents, currency: "EUR".to_owned() };
    let both = [upgraded("a", 700), upgraded("b", 9)];
    assert_eq!(view.get(&key("a")).await.unwrap(), Some(upgraded("a", 700)));
    assert_eq!(view.list("", None, 10).await.unwrap().documents, both);
    let before = service.store.get("Order", "a").await.unwrap().unwrap().body;
    assert_eq!(before[1], 1, "reading stores nothing");

    let updated = service
        .run(async |_, cx| {
            assert_eq!(documents.list(cx, "", None, 10).await?.documents, both);
            let read = documents.get(cx, &key("a")).await?.unwrap();
            documents.update(cx, &read)
        })
        .await;
    assert_eq!(updated.unwrap(), Committed::Done);
    assert_eq!(service.store.get("Order", "a").await.unwrap().unwrap().body[1], 3);
    assert_eq!(view.get(&key("a")).await.unwrap(), Some(upgraded("a", 700)));
}

#[tokio::test]
async fn a_newer_document_is_an_error_that_says_so_and_that_a_retry_can_help() {
    let service = Service::new().await;
    let newer = Order3 { id: key("a"), cents: 1, currency: key("EUR") };
    service.with_bytes("a", rmp_serde::to_vec_named(&(3, newer)).unwrap()).await;
    let error = service.view.get(&key("a")).await.unwrap_err();
    assert_eq!((error.code(), error.can_retry()), (Code::SchemaMismatch, true));
    assert_eq!(
        error.message(),
        "the stored `Order` of the key \"a\" has version 3; this program knows versions up to 1"
    );
}

#[tokio::test]
async fn without_a_way_from_a_version_the_error_names_it() {
    let service = Service::new().await.with([order("a", 7)]).await;
    let body = service.store.get("Order", "a").await.unwrap().unwrap().body;
    service.with_bytes("a", [&[0x92, 0], &body[2..]].concat()).await;
    let error = service.view.get(&key("a")).await.unwrap_err();
    assert_eq!((error.code(), error.can_retry()), (Code::Codec, false));
    assert_eq!(
        error.chain().to_string(),
        "the stored `Order` of the key \"a\" can't be upgraded from version 0 to 1: there is no upgrade of a `Order` from version 0"
    );

    service.with_bytes("a", vec![0x92, 1, 0x80]).await;
    let error = service.newer().1.get(&key("a")).await.unwrap_err();
    assert!(error.chain().to_string().contains("from version 1 to 3: the value can't be decoded"), "{}", error.chain());
}

#[tokio::test]
async fn other_bytes_are_an_error() {
    let service = Service::new().await;
    for (bytes, why) in [
        (&[][..], "it doesn't begin with its version"),
        (&[0xc1], "it doesn't begin with its version"),
        (&[0x80], "it doesn't begin with its version"),
        (&[0x92], "its version can't be decoded"),
        (&[0x92, 0xff, 0x80], "its version can't be decoded"),
        (&[0x92, 0xcf, 1, 0, 0, 0, 0, 0, 0, 0, 0x80], "its version can't be decoded"),
        (&[0x92, 1], "the bytes are no MessagePack, or end too early"),
        (&[0x92, 1, 0x80, 0x80], "bytes are left over"),
    ] {
        service.with_bytes("a", bytes.to_vec()).await;
        let error = service.view.get(&key("a")).await.unwrap_err();
        assert_eq!((error.code(), error.can_retry()), (Code::Codec, false));
        assert!(error.message().ends_with("of the key \"a\" can't be decoded"), "{error}");
        assert!(error.chain().to_string().contains(why), "{}", error.chain());
    }
}
