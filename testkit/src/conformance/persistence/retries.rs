//! What is put off.

use std::time::Duration;

use catga_core::context::Outgoing;
use catga_core::message::MessageId;
use catga_core::persistence::{Begun, Committed};
use tokio::time::{sleep, timeout};

use super::PersistenceHarness;
use super::stage::{LEASE, Node, Stage, outgoing, some_mark};

/// Puts off a message of a mark of its own: its id.
async fn put_off(node: &Node, delay: Duration) -> MessageId {
    let again = outgoing();
    assert!(node.put_off(&node.hold(&some_mark()).await, again.clone(), delay).await.unwrap());
    again.envelope.id
}

/// What is put off is in the outbox when it is due, never before, behind what is there by then; what is due first comes first.
pub async fn retry_after_on_time<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let step = LEASE / 2;
    let later = put_off(&node, 4 * step).await;
    let sooner = put_off(&other, 2 * step).await;
    let committed = node.put_out(1).await[0];
    sleep(step).await;
    assert_eq!(other.waiting_ids().await, [committed], "never early");
    sleep(step + H::LATE).await;
    assert_eq!(other.waiting_ids().await, [committed, sooner]);
    sleep(2 * step).await;
    let last = node.put_out(1).await[0];
    assert_eq!(node.waiting_ids().await, [committed, sooner, later, last]);
}

/// A relay that waits goes on when something is due, also if that was put off while it waited.
pub async fn due_retry_wakes_relay<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let relay = node.relay().await;
    let has_entries = async {
        while node.entries(relay, None, 1).await.unwrap().is_empty() {
            node.wait_for_entries(None).await.unwrap();
        }
    };
    let putting_off = async {
        put_off(&other, 60 * LEASE).await;
        put_off(&other, LEASE / 4).await;
    };
    timeout(LEASE / 4 + H::LATE, async { tokio::join!(has_entries, putting_off) }).await.expect("it is woken");
}

/// Putting off frees the mark, and its attempt stays counted; once more with the same token puts nothing more off.
pub async fn put_off_frees_the_mark<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let mark = some_mark();
    let held = node.hold(&mark).await;
    let again = outgoing();
    for _ in 0..2 {
        assert!(node.put_off(&held, again.clone(), Duration::ZERO).await.unwrap());
    }
    assert_eq!(node.waiting_ids().await, [again.envelope.id]);
    assert!(!node.holds(&held).await);
    assert_eq!(node.end(held.clone()).await, Committed::Lost);
    assert!(matches!(other.begin_one(&mark).await, Begun::New { attempt: 2, .. }));
    assert!(!node.put_off(&held, again, Duration::ZERO).await.unwrap(), "somebody else has begun it");
    assert_eq!(node.waiting_ids().await.len(), 1);
}

/// Who lost the mark puts nothing off.
pub async fn stale_token_puts_nothing_off<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    for has_successor in [false, true] {
        let mark = some_mark();
        let stale = node.hold(&mark).await;
        sleep(LEASE + H::LATE).await;
        if has_successor {
            other.hold(&mark).await;
        }
        assert!(!node.put_off(&stale, outgoing(), Duration::ZERO).await.unwrap());
        assert!(node.waiting_ids().await.is_empty());
    }
}

/// The message comes again as it was put off, in every byte.
pub async fn retry_state_contained<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    for sent in super::outbox::strange() {
        let held = node.hold(&some_mark()).await;
        assert!(node.put_off(&held, sent.clone(), Duration::ZERO).await.unwrap());
        let entry = other.waiting().await.pop().unwrap();
        let Outgoing { envelope, route } = entry.outgoing;
        assert_eq!((envelope, route), (sent.envelope, sent.route));
    }
}

/// However many are put off, what is committed leaves at once.
pub async fn long_delays_hold_no_slot<H: PersistenceHarness>() {
    let node = Stage::<H>::new().await.node().await;
    for _ in 0..500 {
        put_off(&node, 60 * LEASE).await;
    }
    let sent = node.put_out(1).await;
    assert_eq!(node.waiting_ids().await, sent);
}
