//! The outbox: what was committed leaves, in order, by one relay at a time.

use std::time::Duration;

use catga_core::Kind;
use catga_core::codec::Codec;
use catga_core::context::{Outgoing, Route, Write};
use catga_core::envelope::Envelope;
use catga_core::message::MessageId;
use catga_core::persistence::Relay;
use tokio::time::{sleep, timeout};

use super::PersistenceHarness;
use super::stage::{LEASE, RETENTION, Stage, ids, journal, outgoing};

/// One relay has the outbox, under a lease that it makes longer; another gets it when that has run out or was given up.
pub async fn relay_one_holder<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    node.put_out(1).await;
    let (first, second) = (node.relay().await, Relay::new());
    for _ in 0..3 {
        sleep(LEASE / 2).await;
        assert!(!other.claim(second, LEASE).await.unwrap());
        assert!(other.entries(second, None, 9).await.unwrap().is_empty());
        assert!(node.claim(first, LEASE).await.unwrap(), "the holder makes its lease longer");
    }
    sleep(LEASE + H::LATE).await;
    assert!(node.entries(first, None, 9).await.unwrap().is_empty(), "a lease that has run out is no claim");
    assert!(other.claim(second, LEASE).await.unwrap());
    assert_eq!(other.entries(second, None, 9).await.unwrap().len(), 1);
    node.release(first).await.unwrap();
    assert!(!node.claim(first, LEASE).await.unwrap(), "only the holder gives it up");
    other.release(second).await.unwrap();
    assert!(node.claim(first, LEASE).await.unwrap());
}

/// Who lost the outbox settles nothing in it.
pub async fn late_settle_after_takeover_harmless<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let sent = node.put_out(2).await;
    let late = node.relay().await;
    let entries = Vec::from_iter(node.entries(late, None, 9).await.unwrap().iter().map(|entry| entry.id));
    sleep(LEASE + H::LATE).await;
    node.settle(late, &entries).await.unwrap();
    let successor = other.relay().await;
    node.settle(late, &entries).await.unwrap();
    let left = other.entries(successor, None, 9).await.unwrap();
    assert_eq!(ids(left.iter().map(|entry| &entry.outgoing)), sent);
}

/// What a relay published and didn't settle the next one publishes again: the same message, in every byte.
pub async fn crash_publish_before_settle<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    node.put_out(3).await;
    let crashed = node.relay().await;
    let before = node.entries(crashed, None, 9).await.unwrap();
    node.settle(crashed, &[before[0].id]).await.unwrap();
    sleep(LEASE + H::LATE).await;
    let after = other.waiting().await;
    assert_eq!(after.len(), 2);
    for (before, after) in before[1..].iter().zip(&after) {
        assert_eq!((before.id, &before.outgoing.envelope), (after.id, &after.outgoing.envelope));
    }
}

/// Entries are in the order of their commits, and within a commit in that of the unit of work; a place is never given twice.
pub async fn outbox_order_per_origin<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let mut sent = Vec::new();
    for count in [3, 1, 2] {
        sent.extend(node.put_out(count).await);
        sent.extend(other.put_out(count).await);
    }
    let relay = node.relay().await;
    let (mut seen, mut last) = (Vec::new(), None);
    loop {
        let entries = node.entries(relay, last, 5).await.unwrap();
        assert!(entries.iter().all(|entry| last.is_none_or(|last| entry.id > last)));
        let Some(end) = entries.last() else { break };
        last = Some(end.id);
        seen.extend(ids(entries.iter().map(|entry| &entry.outgoing)));
    }
    assert_eq!(seen, sent);

    let all = Vec::from_iter(node.entries(relay, None, 99).await.unwrap().iter().map(|entry| entry.id));
    node.settle(relay, &all).await.unwrap();
    node.put_out(1).await;
    assert!(node.entries(relay, None, 1).await.unwrap()[0].id > all[all.len() - 1]);
}

/// One entry that can't be published stays, and those around it are settled.
pub async fn bad_destination_isolated<H: PersistenceHarness>() {
    let node = Stage::<H>::new().await.node().await;
    node.put_out(3).await;
    let relay = node.relay().await;
    let entries = Vec::from_iter(node.entries(relay, None, 9).await.unwrap().iter().map(|entry| entry.id));
    node.settle(relay, &[entries[0], entries[2], entries[2]]).await.unwrap();
    node.settle(relay, &[entries[0]]).await.unwrap();
    let left = Vec::from_iter(node.entries(relay, None, 9).await.unwrap().iter().map(|entry| entry.id));
    assert_eq!(left, entries[1..2]);
}

/// Messages that make an encoder's life hard, by every way that there is.
pub(super) fn strange() -> Vec<Outgoing> {
    let every = Vec::from_iter(0..=255);
    let mut full = Envelope::new(MessageId::new(), "billing.Place", Kind::Command, Codec::Json, every);
    let headers = full.headers_mut();
    headers.user.set("tenant", "bl\u{e5}: \"x\" \u{1f980}").unwrap();
    headers.correlation_id = Some(MessageId::new());
    headers.delivery_id = Some(MessageId::new());
    let empty = Envelope::new(MessageId::new(), "Placed", Kind::Event, Codec::MessagePack, Vec::new());
    vec![
        Outgoing { envelope: full, route: Route::Enqueue { delay: Some(Duration::from_millis(1_234)) } },
        Outgoing { envelope: empty.clone(), route: Route::Publish },
        Outgoing { envelope: empty, route: Route::Enqueue { delay: None } },
    ]
}

/// Headers, body, route and delay are read as they were committed.
pub async fn outgoing_reload_verbatim<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let sent = strange();
    node.write(journal([], sent.clone())).await.unwrap();
    let read = other.waiting().await;
    assert_eq!(read.len(), sent.len());
    for (sent, read) in sent.iter().zip(&read) {
        assert_eq!((&sent.envelope, sent.route), (&read.outgoing.envelope, read.outgoing.route));
    }
}

/// A relay that waits goes on as soon as something is committed on any node.
pub async fn commit_wakes_relay<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    let relay = node.relay().await;
    // It may return early, so whoever waits looks again.
    let has_entries = async |after| loop {
        if !node.entries(relay, after, 1).await.unwrap().is_empty() {
            return;
        }
        node.wait_for_entries(after).await.unwrap();
    };
    let committing = async {
        sleep(LEASE / 8).await;
        other.write(journal([("a", Write::Put(vec![1]))], vec![outgoing()])).await.unwrap();
    };
    timeout(LEASE / 8 + H::LATE, async { tokio::join!(has_entries(None), committing) }).await.expect("it is woken");

    assert!(node.claim(relay, LEASE).await.unwrap());
    let last = node.entries(relay, None, 9).await.unwrap().last().map(|entry| entry.id);
    let nothing_behind = timeout(LEASE / 4, has_entries(last)).await;
    assert!(nothing_behind.is_err(), "there is nothing behind it");
}

/// What isn't settled stays, however long it takes.
pub async fn unsettled_outbox_is_kept<H: PersistenceHarness>() {
    let node = Stage::<H>::new().await.node().await;
    let sent = node.put_out(2).await;
    sleep(2 * RETENTION).await;
    assert_eq!(node.waiting_ids().await, sent);
}
