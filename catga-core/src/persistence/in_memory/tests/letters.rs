//! How many letters and decisions are kept.

use super::super::super::Decided;
use super::*;

#[tokio::test]
async fn letters_are_bounded_and_none_is_dropped() {
    let store = store_with(Limits { letters: 2, letter_bytes: 2_000, ..Limits::default() }).await;
    let (first, _) = buried(&store).await;
    let larger = DeadLetter { node: "x".repeat(2_000), ..first.clone() };
    assert_eq!(store.bury(larger, None).await.unwrap_err().code(), Code::Unavailable);
    assert_eq!(store.letter(&first.id).await.unwrap(), Some(first.clone()));
    buried(&store).await;

    let third = letter(MessageId::new());
    let held = hold(&store, &mark(&third.id.handler, third.id.message)).await;
    let full = store.bury(third.clone(), Some(&held)).await.unwrap_err();
    assert_eq!((full.code(), full.can_retry()), (Code::Unavailable, true));
    assert_eq!(store.renew(std::slice::from_ref(&held), LEASE).await.unwrap(), [true], "the mark is as it was");
    assert!(store.bury(first.clone(), None).await.unwrap(), "it takes no place of its own");
    assert!(store.discard(&first.id, "ada").await.unwrap());
    assert!(store.bury(third, Some(&held)).await.unwrap());
}

#[tokio::test]
async fn who_decided_what_is_kept() {
    let store = store().await;
    let ((one, _), (other, _)) = (buried(&store).await, buried(&store).await);
    store.replay(&one.id, outgoing(), "ada").await.unwrap();
    store.discard(&other.id, &"ä".repeat(200)).await.unwrap();
    let decisions = store.decisions(10).await.unwrap();
    let whats = Vec::from_iter(decisions.iter().map(|decision| decision.what.clone()));
    assert_eq!(whats, [Decided::Discarded(other.id), Decided::Replayed(one.id)]);
    assert_eq!((&*decisions[0].by, &*decisions[1].by), (&*"ä".repeat(128), "ada"));
    assert!(decisions[1].at > 0);
    assert_eq!(store.decisions(1).await.unwrap(), decisions[..1]);
}

#[tokio::test]
async fn the_last_decisions_are_kept_and_no_more() {
    let store = store().await;
    for _ in 0..10_001 {
        store.pause("Placed/send_receipt", "ada").await.unwrap();
        store.resume("Placed/send_receipt", "bob").await.unwrap();
    }
    let decisions = store.decisions(usize::MAX).await.unwrap();
    assert_eq!((decisions.len(), &*decisions[0].by), (10_000, "bob"));
}
