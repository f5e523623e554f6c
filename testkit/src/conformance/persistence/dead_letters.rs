//! What was given up.

use catga_core::codec::Codec;
use catga_core::context::Journal;
use catga_core::envelope::Envelope;
use catga_core::message::MessageId;
use catga_core::persistence::{Begun, Committed, DeadLetter, Decided, Held, LetterId, LetterPage, Letters, UnitMark};
use catga_core::{Code, Error, Kind};
use futures_util::future::join_all;
use tokio::time::sleep;

use super::PersistenceHarness;
use super::stage::{HANDLER, LEASE, Node, RETENTION, Stage, mark, outgoing, unit};

/// A letter of a message that nobody knows.
pub(super) fn letter() -> DeadLetter {
    let message = MessageId::new();
    let mut envelope = Envelope::new(message, "Placed", Kind::Event, Codec::MessagePack, Vec::from_iter(0..=255));
    envelope.headers_mut().user.set("tenant", "bl\u{e5}").unwrap();
    let cause = Error::internal("the list is empty");
    let error = &Error::validation("no items").with_detail("field", "items").with_source(cause);
    let id = LetterId { handler: HANDLER.to_owned(), node: None, message };
    DeadLetter { id, envelope, error: error.into(), attempts: 3, first: 1, last: 2, node: "front-1".to_owned() }
}

/// Buries a letter under the mark of its message.
pub(super) async fn bury(node: &Node) -> (DeadLetter, Held) {
    let letter = letter();
    let held = node.hold(&mark(HANDLER, letter.id.message)).await;
    assert!(node.bury(letter.clone(), Some(&held)).await.unwrap());
    (letter, held)
}

async fn listed(node: &Node, wanted: Letters) -> LetterPage {
    node.letters(&Letters { limit: 100, ..wanted }).await.unwrap()
}

/// Envelope, error with its causes, attempts, times and node are read as they were stored.
pub async fn dead_keeps_cause_and_origin<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let (letter, _) = bury(&node).await;
    assert_eq!(other.letter(&letter.id).await.unwrap(), Some(letter.clone()));
    assert_eq!(listed(&other, Letters::default()).await.letters, std::slice::from_ref(&letter));
    let elsewhere = LetterId { node: Some("front-1".to_owned()), ..letter.id };
    assert_eq!(other.letter(&elsewhere).await.unwrap(), None);
}

/// A mark that is dead isn't begun, renewed, abandoned or committed; whoever waits for it goes on.
pub async fn dead_mark_does_not_run<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let letter = letter();
    let mark = mark(HANDLER, letter.id.message);
    let held = node.hold(&mark).await;
    let waiting = async {
        while matches!(other.begin_one(&mark).await, Begun::Busy { .. }) {
            other.wait(&mark.name, LEASE).await.unwrap();
        }
    };
    let burying = async {
        sleep(LEASE / 8).await;
        assert!(node.bury(letter, Some(&held)).await.unwrap());
    };
    tokio::time::timeout(LEASE / 8 + H::LATE, async { tokio::join!(waiting, burying) }).await.expect("it is woken");

    assert!(!node.holds(&held).await);
    node.abandon(&held, true).await.unwrap();
    for node in [&node, &other] {
        assert_eq!(node.begin_one(&mark).await, Begun::Dead);
    }
    for mark in [UnitMark::Held(held), UnitMark::Unclaimed(mark)] {
        assert_eq!(other.commit(unit(mark, Journal::default())).await.unwrap(), Committed::Lost);
    }
}

/// Who lost the mark buries nothing.
pub async fn stale_token_buries_nothing<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let letter = letter();
    let mark = mark(HANDLER, letter.id.message);
    let stale = node.hold(&mark).await;
    sleep(LEASE + H::LATE).await;
    assert!(!node.bury(letter.clone(), Some(&stale)).await.unwrap(), "without a successor");
    let held = other.hold(&mark).await;
    assert!(!node.bury(letter.clone(), Some(&stale)).await.unwrap());
    assert_eq!(node.letter(&letter.id).await.unwrap(), None);
    assert_eq!(other.end(held).await, Committed::Done);
}

/// There is one letter for an id, however often it is buried; handlers and nodes have letters of their own.
pub async fn dead_store_idempotent<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let (first, held) = bury(&node).await;
    let (newer, _) = bury(&node).await;
    assert!(node.bury(first.clone(), Some(&held)).await.unwrap(), "it has done so before");
    let error = (&Error::unavailable("no paper")).into();
    let again = DeadLetter { attempts: 9, first: 7, last: 8, node: "front-2".to_owned(), error, ..first.clone() };
    assert!(other.bury(again.clone(), None).await.unwrap());
    let brought_up_to_date = DeadLetter { first: first.first, ..again };
    assert_eq!(listed(&node, Letters::default()).await.letters, [newer, brought_up_to_date]);
    assert_eq!(node.begin_one(&held.mark).await, Begun::Dead);

    for id in [
        LetterId { handler: "Placed/count".to_owned(), ..first.id.clone() },
        LetterId { node: Some("front-1".to_owned()), ..first.id.clone() },
        LetterId { node: Some("front-2".to_owned()), ..first.id.clone() },
    ] {
        assert!(node.bury(DeadLetter { id, ..first.clone() }, None).await.unwrap());
    }
    assert_eq!(listed(&node, Letters::default()).await.total, 5);
}

/// Pages cover each letter once, the newest first, whatever comes meanwhile; filters and totals agree.
pub async fn dead_list_pages_filters<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let mut ids = Vec::new();
    for number in 0..10 {
        let mut letter = letter();
        if number % 2 == 0 {
            letter.node = "front-2".to_owned();
            letter.error = (&Error::unavailable("no paper")).into();
        }
        if number % 5 == 0 {
            letter.id.handler = "Shipped/count".to_owned();
            letter.envelope.name = "Shipped".into();
        }
        assert!(node.bury(letter.clone(), None).await.unwrap());
        ids.insert(0, letter.id);
    }
    for limit in [1, 4, 10] {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = other.letters(&Letters { after, limit, ..Letters::default() }).await.unwrap();
            assert_eq!((page.total, page.letters.len() <= limit), (10, true));
            seen.extend(page.letters.into_iter().map(|letter| letter.id));
            let between = letter();
            node.bury(between.clone(), None).await.unwrap();
            node.discard(&between.id, "ada").await.unwrap();
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, ids, "{limit} a page");
    }

    let text = |text: &str| Some(text.to_owned());
    let all = Letters::default;
    for (wanted, expected) in [
        (Letters { node: text("front-2"), ..all() }, [1, 3, 5, 7, 9].as_slice()),
        (Letters { code: Some(Code::Validation), ..all() }, &[0, 2, 4, 6, 8]),
        (Letters { message: text("Shipped"), ..all() }, &[4, 9]),
        (Letters { handler: text("Shipped/count"), code: Some(Code::Unavailable), ..all() }, &[9]),
        (Letters { handler: text("Shipped"), ..all() }, &[]),
        (Letters { message: text("Placed"), node: text("front-3"), ..all() }, &[]),
    ] {
        let page = listed(&other, wanted.clone()).await;
        let expected = Vec::from_iter(expected.iter().map(|place| ids[*place].clone()));
        assert_eq!(Vec::from_iter(page.letters.into_iter().map(|letter| letter.id)), expected, "{wanted:?}");
        assert_eq!((page.total, page.next), (expected.len(), None), "{wanted:?}");
        if expected.len() > 1 {
            let first = other.letters(&Letters { limit: 1, ..wanted.clone() }).await.unwrap();
            assert_eq!((first.total, first.next.is_some()), (expected.len(), true), "{wanted:?}");
        }
    }
}

/// Of those who replay or discard a letter at once, one does.
pub async fn dead_take_one_winner<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let nodes = [stage.node().await, stage.node().await, stage.node().await];
    for _ in 0..10 {
        let (letter, held) = bury(&nodes[0]).await;
        let before = nodes[0].waiting_ids().await.len();
        let outcomes = join_all((0..12).map(|caller: usize| {
            let (node, id) = (&nodes[caller % 3], &letter.id);
            async move {
                match caller % 2 {
                    0 => node.replay(id, outgoing(), "ada").await.unwrap(),
                    _ => node.discard(id, "bob").await.unwrap(),
                }
            }
        }));
        assert_eq!(outcomes.await.into_iter().filter(|won| *won).count(), 1);
        let is_free = matches!(nodes[1].begin_one(&held.mark).await, Begun::New { .. });
        assert_eq!(nodes[1].waiting_ids().await.len() - before, usize::from(is_free));
        assert_eq!(nodes[1].letter(&letter.id).await.unwrap(), None);
    }
    assert_eq!(nodes[2].decisions(100).await.unwrap().len(), 10);
}

/// With a replay the letter is gone, its message waits to leave, and its mark can be begun as if it never had been.
pub async fn dead_replay_is_one_step<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let (letter, held) = bury(&node).await;
    let before = node.put_out(1).await[0];
    let again = outgoing();
    assert!(other.replay(&letter.id, again.clone(), "ada").await.unwrap());
    assert_eq!(node.waiting_ids().await, [before, again.envelope.id]);
    assert_eq!(node.letter(&letter.id).await.unwrap(), None);
    assert_eq!(listed(&node, Letters::default()).await.total, 0);
    let Begun::New { token, attempt: 1 } = node.begin_one(&held.mark).await else { panic!("no attempt is counted") };
    assert!(!node.replay(&letter.id, again, "ada").await.unwrap());
    assert_eq!(node.waiting_ids().await.len(), 2);

    let held = Held { token, ..held };
    assert!(node.bury(letter.clone(), Some(&held)).await.unwrap(), "it can be given up again");
    assert_eq!(other.letter(&letter.id).await.unwrap(), Some(letter));
}

/// A relay that waits goes on as soon as a letter is replayed.
pub async fn replay_wakes_relay<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let (letter, _) = bury(&node).await;
    let relay = node.relay().await;
    let has_entries = async {
        while node.entries(relay, None, 1).await.unwrap().is_empty() {
            node.wait_for_entries(None).await.unwrap();
        }
    };
    let replaying = async {
        sleep(LEASE / 8).await;
        assert!(other.replay(&letter.id, outgoing(), "ada").await.unwrap());
    };
    tokio::time::timeout(LEASE / 8 + H::LATE, async { tokio::join!(has_entries, replaying) })
        .await
        .expect("it is woken");
}

/// A mark is dead as long as its letter exists, and for its retention after that was discarded.
pub async fn dead_outlives_ttl<H: PersistenceHarness>() {
    let node = Stage::<H>::new().await.node().await;
    let (letter, held) = bury(&node).await;
    sleep(2 * RETENTION).await;
    assert_eq!(node.letter(&letter.id).await.unwrap(), Some(letter.clone()));
    assert_eq!(node.begin_one(&held.mark).await, Begun::Dead);
    assert!(node.discard(&letter.id, "ada").await.unwrap());
    assert!(!node.discard(&letter.id, "ada").await.unwrap());
    sleep(RETENTION - LEASE / 4).await;
    assert_eq!(node.begin_one(&held.mark).await, Begun::Dead, "stray copies don't run");
}

/// Who decided what is kept, the newest first.
pub async fn decisions_are_kept<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let ((one, _), (another, _)) = (bury(&node).await, bury(&node).await);
    assert!(node.replay(&one.id, outgoing(), "ada").await.unwrap());
    assert!(node.discard(&another.id, "bob").await.unwrap());
    assert!(!node.discard(&another.id, "eve").await.unwrap());
    node.pause(HANDLER, "ada").await.unwrap();
    node.pause(HANDLER, "eve").await.unwrap();
    assert!(node.resume(HANDLER, "bob").await.unwrap());
    assert!(!node.resume(HANDLER, "eve").await.unwrap());
    let decisions = other.decisions(100).await.unwrap();
    let decided = Vec::from_iter(decisions.iter().map(|decision| (decision.what.clone(), &*decision.by)));
    let handler = HANDLER.to_owned();
    let expected = [
        (Decided::Resumed(handler.clone()), "bob"),
        (Decided::Paused(handler), "ada"),
        (Decided::Discarded(another.id), "bob"),
        (Decided::Replayed(one.id), "ada"),
    ];
    assert_eq!(decided, expected);
    assert!(decisions.is_sorted_by_key(|decision| std::cmp::Reverse(decision.at)));
    assert_eq!(other.decisions(2).await.unwrap(), decisions[..2]);
}
