use super::super::super::{DeadLetter, Decided, LetterId, Letters};
use super::*;
use crate::error::{Code, Error};

/// A letter of a message for `Placed/send_receipt`.
fn letter(message: MessageId) -> DeadLetter {
    let envelope = Envelope::new(message, "Placed", Kind::Event, Codec::MessagePack, vec![0, 255]);
    let id = LetterId { handler: "Placed/send_receipt".to_owned(), node: None, message };
    let error = &Error::validation("no items").with_source(Error::internal("the list is empty"));
    DeadLetter { id, envelope, error: error.into(), attempts: 3, first: 1, last: 1, node: "front-1".to_owned() }
}

/// A letter that is buried under a mark of its message.
async fn buried(store: &Arc<dyn Store>) -> (DeadLetter, Held) {
    let letter = letter(MessageId::new());
    let held = hold(store, &mark(&letter.id.handler, letter.id.message)).await;
    assert!(store.bury(letter.clone(), Some(&held)).await.unwrap());
    (letter, held)
}

async fn all(store: &Arc<dyn Store>, wanted: Letters) -> Vec<LetterId> {
    let page = store.letters(&Letters { limit: 100, ..wanted }).await.unwrap();
    assert_eq!((page.total, page.next), (page.letters.len(), None));
    page.letters.into_iter().map(|letter| letter.id).collect()
}

#[tokio::test]
async fn dead_keeps_cause_and_origin() {
    let store = store().await;
    let (letter, _) = buried(&store).await;
    let kept = store.letter(&letter.id).await.unwrap().unwrap();
    assert_eq!(kept, letter);
    assert_eq!(kept.error().chain().to_string(), "no items: the list is empty");
    assert_eq!(kept.error().code(), Code::Validation);
    assert_eq!(letter.id.to_string(), format!("{} of Placed/send_receipt", letter.id.message));
}

#[tokio::test(start_paused = true)]
async fn burying_ends_the_mark_and_wakes_who_waits_for_it() {
    let store = store().await;
    let letter = letter(MessageId::new());
    let mark = mark(&letter.id.handler, letter.id.message);
    let held = hold(&store, &mark).await;
    let waiting = {
        let (store, name) = (store.clone(), mark.name.clone());
        runtime::spawn(async move { store.wait(&name, RETENTION).await.unwrap() })
    };
    tokio::task::yield_now().await;
    let start = runtime::now();
    assert!(store.bury(letter, Some(&held)).await.unwrap());
    waiting.await.unwrap();
    assert_eq!(runtime::now(), start);

    assert_eq!(begin(&store, &mark).await, Begun::Dead);
    assert_eq!(store.renew(std::slice::from_ref(&held), LEASE).await.unwrap(), [false]);
    store.abandon(&held, true).await.unwrap();
    assert_eq!(begin(&store, &mark).await, Begun::Dead);
    for mark in [UnitMark::Held(held), UnitMark::Unclaimed(mark)] {
        assert_eq!(store.commit(unit(mark, Journal::default())).await.unwrap(), Committed::Lost);
    }
}

#[tokio::test(start_paused = true)]
async fn who_lost_the_mark_buries_nothing() {
    let store = store().await;
    let letter = letter(MessageId::new());
    let mark = mark(&letter.id.handler, letter.id.message);
    let stale = hold(&store, &mark).await;
    tokio::time::advance(LEASE).await;
    assert!(!store.bury(letter.clone(), Some(&stale)).await.unwrap());
    assert_eq!(store.letter(&letter.id).await.unwrap(), None);
    hold(&store, &mark).await;
    assert!(!store.bury(letter.clone(), Some(&stale)).await.unwrap(), "another has it");
    assert_eq!(store.letter(&letter.id).await.unwrap(), None);
}

#[tokio::test]
async fn dead_store_idempotent() {
    let store = store().await;
    let (first, held) = buried(&store).await;
    let (newer, _) = buried(&store).await;
    assert!(store.bury(first.clone(), Some(&held)).await.unwrap(), "it has done so before");

    let again = DeadLetter { attempts: 9, first: 7, last: 7, node: "front-2".to_owned(), ..first.clone() };
    assert!(store.bury(again.clone(), None).await.unwrap());
    assert_eq!(all(&store, Letters::default()).await, [newer.id, first.id.clone()]);
    assert_eq!(store.letter(&first.id).await.unwrap(), Some(DeadLetter { first: 1, ..again }));
    assert_eq!(begin(&store, &held.mark).await, Begun::Dead);
}

#[tokio::test]
async fn letters_of_nodes_and_handlers_are_apart() {
    let store = store().await;
    let of_all = letter(MessageId::new());
    let mut ids = vec![of_all.id.clone()];
    for node in ["front-1", "front-2"] {
        let id = LetterId { node: Some(node.to_owned()), ..of_all.id.clone() };
        assert!(store.bury(DeadLetter { id: id.clone(), ..of_all.clone() }, None).await.unwrap());
        ids.insert(0, id);
    }
    assert!(store.bury(of_all, None).await.unwrap());
    ids.rotate_right(1);
    ids.sort();
    let mut found = all(&store, Letters::default()).await;
    found.sort();
    assert_eq!(found, ids);
}

#[tokio::test]
async fn dead_list_pages_filters() {
    let store = store().await;
    let mut ids = Vec::new();
    for number in 0..10 {
        let mut letter = letter(MessageId::new());
        if number % 2 == 0 {
            letter.node = "front-2".to_owned();
            letter.error = (&Error::unavailable("no paper")).into();
        }
        store.bury(letter.clone(), None).await.unwrap();
        ids.insert(0, letter.id);
    }
    let mut seen = Vec::new();
    let mut wanted = Letters { limit: 4, ..Letters::default() };
    loop {
        let page = store.letters(&wanted).await.unwrap();
        assert_eq!(page.total, 10);
        seen.extend(page.letters.into_iter().map(|letter| letter.id));
        // What comes meanwhile is in front of the first page.
        store.bury(letter(MessageId::new()), None).await.unwrap();
        store.discard(&all(&store, Letters::default()).await[0], "ada").await.unwrap();
        wanted.after = page.next;
        if wanted.after.is_none() {
            break;
        }
    }
    assert_eq!(seen, ids);

    let even = Vec::from_iter(ids.iter().skip(1).step_by(2).cloned());
    let node = Some("front-2".to_owned());
    assert_eq!(all(&store, Letters { node: node.clone(), ..Letters::default() }).await, even);
    let code = Some(Code::Unavailable);
    assert_eq!(all(&store, Letters { code, node, ..Letters::default() }).await, even);
    for (message, handler, count) in [
        (Some("Placed"), None, 10),
        (Some("Shipped"), None, 0),
        (None, Some("Placed/send_receipt"), 10),
        (None, Some("Placed"), 0),
    ] {
        let (message, handler) = (message.map(str::to_owned), handler.map(str::to_owned));
        assert_eq!(all(&store, Letters { message, handler, ..Letters::default() }).await.len(), count);
    }
    let none = store.letters(&Letters::default()).await.unwrap();
    assert_eq!((none.letters.len(), none.total, none.next), (0, 10, None), "none were wanted");
}

#[tokio::test]
async fn dead_take_one_winner() {
    let store = store().await;
    let (letter, held) = buried(&store).await;
    let again = outgoing();
    let callers = (0..20).map(|number| {
        let (store, id, again) = (store.clone(), letter.id.clone(), again.clone());
        runtime::spawn(async move {
            match number % 2 {
                0 => store.replay(&id, again, "ada").await.unwrap(),
                _ => store.discard(&id, "bob").await.unwrap(),
            }
        })
    });
    let mut winners = 0;
    for caller in Vec::from_iter(callers) {
        winners += usize::from(caller.await.unwrap());
    }
    assert_eq!(winners, 1);
    assert_eq!(store.decisions(100).await.unwrap().len(), 1);
    let is_free = matches!(begin(&store, &held.mark).await, Begun::New { .. });
    assert_eq!(waiting(&store).await.len(), usize::from(is_free));
}

#[tokio::test]
async fn a_replay_frees_the_mark_and_puts_the_message_out_in_one_step() {
    let store = store().await;
    let (letter, held) = buried(&store).await;
    let again = outgoing();
    assert!(store.replay(&letter.id, again.clone(), "ada").await.unwrap());
    assert_eq!(waiting(&store).await, [again.envelope.id]);
    assert_eq!(store.letter(&letter.id).await.unwrap(), None);
    assert!(matches!(begin(&store, &held.mark).await, Begun::New { attempt: 1, .. }), "no attempt is counted");
    assert!(!store.replay(&letter.id, again, "ada").await.unwrap());
    assert_eq!(waiting(&store).await.len(), 1);
}

#[tokio::test]
async fn a_replay_wakes_the_relay() {
    let store = store().await;
    let (letter, _) = buried(&store).await;
    let waiting = {
        let store = store.clone();
        runtime::spawn(async move { store.wait_for_entries(None).await.unwrap() })
    };
    tokio::task::yield_now().await;
    assert!(store.replay(&letter.id, outgoing(), "ada").await.unwrap());
    waiting.await.unwrap();
}

#[tokio::test]
async fn a_replay_that_the_outbox_has_no_place_for_leaves_the_letter() {
    let store = store_with(Limits { outbox: 1, ..Limits::default() }).await;
    let (letter, held) = buried(&store).await;
    commit(&store, putting_out(Journal::default(), 1)).await.unwrap();
    let full = store.replay(&letter.id, outgoing(), "ada").await.unwrap_err();
    assert_eq!(full.code(), Code::OutboxFull);
    assert_eq!(store.letter(&letter.id).await.unwrap(), Some(letter));
    assert_eq!(begin(&store, &held.mark).await, Begun::Dead);
    assert!(store.decisions(1).await.unwrap().is_empty());
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
