use super::super::super::{Decided, PausedHandler};
use super::*;
use crate::error::Code;

#[tokio::test]
async fn a_paused_handler_is_seen_by_all_until_it_is_resumed() {
    let persistence = InMemory::new();
    let [one, other] = [0, 1].map(|_| persistence.open("test", "orders"));
    let (one, other) = (one.await.unwrap(), other.await.unwrap());
    one.pause("Ship/ship", "ada").await.unwrap();
    one.pause("Placed/count", "ada").await.unwrap();
    other.pause("Ship/ship", "bob").await.unwrap();
    let paused = other.paused().await.unwrap();
    let names = |paused: &[PausedHandler]| Vec::from_iter(paused.iter().map(|paused| paused.handler.clone()));
    assert_eq!(names(&paused), ["Placed/count", "Ship/ship"]);
    assert_eq!(paused[1].by, "ada", "the first one to pause it");
    assert!(paused[1].since > 0);

    assert!(other.resume("Ship/ship", "bob").await.unwrap());
    assert!(!one.resume("Ship/ship", "ada").await.unwrap());
    assert_eq!(names(&one.paused().await.unwrap()), ["Placed/count"]);
    let decisions = one.decisions(10).await.unwrap();
    let decided = Vec::from_iter(decisions.into_iter().map(|decision| (decision.what, decision.by)));
    let (ship, count) = ("Ship/ship".to_owned(), "Placed/count".to_owned());
    let expected =
        [(Decided::Resumed(ship.clone()), "bob"), (Decided::Paused(count), "ada"), (Decided::Paused(ship), "ada")];
    assert_eq!(decided, expected.map(|(what, by)| (what, by.to_owned())));
}

#[tokio::test]
async fn paused_handlers_are_bounded() {
    let store = store_with(Limits { paused: 1, ..Limits::default() }).await;
    store.pause("Ship/ship", "ada").await.unwrap();
    store.pause("Ship/ship", "ada").await.unwrap();
    let full = store.pause("Placed/count", "ada").await.unwrap_err();
    assert_eq!(full.code(), Code::Unavailable);
    assert!(store.resume("Ship/ship", "ada").await.unwrap());
    store.pause("Placed/count", "ada").await.unwrap();
}
