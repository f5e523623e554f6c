use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::context::Route;
use crate::error::{Code, Error, Result};
use crate::persistence::{Entry, EntryId, Relay, Store};
use crate::runtime;
use crate::transport::Link;

use super::again;

/// How long a relay may be silent before another one takes the outbox.
const LEASE: Duration = Duration::from_secs(3);
/// How long a relay waits before it asks for the outbox again, or shows that it still has it.
const RENEW_EVERY: Duration = Duration::from_secs(1);
/// How many entries leave at once.
const BATCH: usize = 256;
/// How long it waits after a failure.
const PAUSE: Duration = Duration::from_millis(200);

/// Moves the outbox to the transport: one relay of the service at work, the others standing by.
///
/// Entries leave in the order of their commits. What the transport has accepted is settled; after a failure it begins again at
/// the first entry that isn't, so a message may leave twice, under one delivery id. What the transport will never take is kept as a dead
/// letter, and the rest goes on.
pub(crate) struct RelayTask {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) link: Arc<dyn Link>,
    /// The node's name.
    pub(crate) node: String,
    /// Ends when the node has finished what runs: then what is left leaves, and the outbox is given up.
    pub(crate) stopping: CancellationToken,
}

impl RelayTask {
    pub(crate) async fn run(self) {
        let relay = Relay::new();
        while !self.stopping.is_cancelled() {
            if let Err(error) = self.turn(relay).await {
                tracing::warn!(error = %error.chain(), "the outbox couldn't be relayed; it is tried again");
                self.pause(PAUSE).await;
            }
        }
        let flushed = async {
            if self.store.claim(relay, LEASE).await? {
                self.flush(relay).await?;
            }
            self.store.release(relay).await
        };
        if let Err(error) = flushed.await {
            tracing::warn!(error = %error.chain(), "the outbox couldn't be flushed; another relay will do it");
        }
    }

    /// Moves all there is, then waits for more, as long as a renewal takes.
    async fn turn(&self, relay: Relay) -> Result<()> {
        if !self.store.claim(relay, LEASE).await? {
            self.pause(RENEW_EVERY).await;
            return Ok(());
        }
        self.flush(relay).await?;
        let renewal = Some(runtime::after(RENEW_EVERY));
        match self.stopping.run_until_cancelled(runtime::until(renewal, self.store.wait_for_entries(None))).await {
            Some(Some(waited)) => waited,
            _ => Ok(()),
        }
    }

    /// Moves entries until there are none; whether it still had the outbox then.
    async fn flush(&self, relay: Relay) -> Result<bool> {
        let mut refused = BTreeMap::new();
        loop {
            let entries = self.store.entries(relay, None, BATCH).await?;
            if entries.is_empty() {
                return Ok(true);
            }
            let (doomed, entries): (Vec<_>, _) = entries.into_iter().partition(|entry| refused.contains_key(&entry.id));
            self.bury(relay, doomed, &mut refused).await?;
            let sent = self.send(entries).await;
            self.store.settle(relay, &sent.accepted).await?;
            refused.extend(sent.refused);
            if let Some(error) = sent.failed {
                return Err(error);
            }
            if !self.store.claim(relay, LEASE).await? {
                return Ok(false);
            }
            // A store and a transport in memory never wait, and others of this thread want to go on as well.
            runtime::yield_now().await;
        }
    }

    /// Hands entries to the transport, in order up to the first failure that may pass.
    async fn send(&self, entries: Vec<Entry>) -> Sent {
        let mut sent = Sent::default();
        let mut entries = entries.into_iter().peekable();
        while let Some(Entry { id, outgoing }) = entries.next() {
            let (mut ids, mut events) = (vec![id], Vec::new());
            let outcomes = match outgoing.route {
                Route::Enqueue { delay } => vec![self.link.enqueue(outgoing.envelope, delay.unwrap_or_default()).await],
                Route::Publish => {
                    events.push(outgoing.envelope);
                    while let Some(event) = entries.next_if(|entry| entry.outgoing.route == Route::Publish) {
                        ids.push(event.id);
                        events.push(event.outgoing.envelope);
                    }
                    self.link.publish(events).await
                }
            };
            for (id, outcome) in ids.into_iter().zip(outcomes) {
                match outcome {
                    Ok(()) => sent.accepted.push(id),
                    Err(error) if is_final(&error) => sent.refused.push((id, error)),
                    Err(error) => {
                        sent.failed = Some(error);
                        return sent;
                    }
                }
            }
        }
        sent
    }

    /// Keeps what was refused as dead letters, and takes it out of the outbox.
    async fn bury(&self, relay: Relay, doomed: Vec<Entry>, refused: &mut BTreeMap<EntryId, Error>) -> Result<()> {
        for Entry { id, outgoing } in doomed {
            let Some(error) = refused.get(&id) else { continue };
            tracing::warn!(message = %outgoing.envelope.name, id = %outgoing.envelope.id, error = %error.chain(), "the transport refuses it for good");
            self.store.bury(again::unsent(&outgoing.envelope, error, &self.node), None).await?;
            self.store.settle(relay, &[id]).await?;
            refused.remove(&id);
        }
        Ok(())
    }

    async fn pause(&self, time: Duration) {
        self.stopping.run_until_cancelled(runtime::sleep(time)).await;
    }
}

/// What came of handing entries to the transport.
#[derive(Default)]
struct Sent {
    accepted: Vec<EntryId>,
    /// What the transport will never take.
    refused: Vec<(EntryId, Error)>,
    /// Why it stopped, if it did.
    failed: Option<Error>,
}

fn is_final(error: &Error) -> bool {
    !error.can_retry() && error.code() != Code::OutcomeUnknown
}
