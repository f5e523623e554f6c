use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::context::Outgoing;
use crate::error::{Error, Result};
use crate::persistence::{Committed, DeadLetter, Held, Mark, Store, Token, Unit, UnitId, UnitMark};
use crate::runtime;

use super::commit::commit_resolved;
use super::endpoint::Ran;
use super::kept;

/// How long a node may be silent before another one may handle the message.
pub(super) const LEASE: Duration = Duration::from_secs(3);
/// How often a lease is renewed while the handler runs.
const RENEW_EVERY: Duration = Duration::from_secs(1);

/// The right to one attempt: a mark in this node's hands. It is given back by one of the consuming methods, or when its lease has run out.
pub(super) struct Claim<'a> {
    store: &'a Arc<dyn Store>,
    held: Held,
}

impl<'a> Claim<'a> {
    pub(super) fn new(store: &'a Arc<dyn Store>, mark: Mark, token: Token) -> Self {
        Self { store, held: Held { mark, token } }
    }

    /// Runs `work` and renews the lease meanwhile; `None` as soon as the lease is known to be lost, with `work` dropped.
    pub(super) async fn while_renewed<T>(&self, work: Pin<&mut impl Future<Output = T>>) -> Option<T> {
        tokio::select! {
            biased;
            output = work => Some(output),
            () = self.lost() => None,
        }
    }

    /// Commits what the one run did that was made under this claim.
    pub(super) async fn commit(&self, ran: Ran) -> Result<Committed> {
        let answer = kept::keep(&ran)?;
        let mark = UnitMark::Held(self.held.clone());
        // No other token is like it, and no other run is committed under it.
        let unit = Unit { id: UnitId(self.held.token.0), mark, journal: ran.journal, answer };
        commit_resolved(self.store.clone(), unit).await
    }

    /// Keeps a failure under the mark, as the answer.
    pub(super) async fn keep(self, error: &Error) -> Result<Committed> {
        let mark = UnitMark::Held(self.held);
        let unit = Unit { id: UnitId::new(), mark, journal: Default::default(), answer: kept::keep_error(error)? };
        commit_resolved(self.store.clone(), unit).await
    }

    /// Frees the mark for another attempt. Where the store can't be told, it is free when the lease has run out.
    pub(super) async fn give_up(self, counts: bool) {
        if let Err(error) = self.store.abandon(&self.held, counts).await {
            tracing::debug!(error = %error.chain(), "a mark couldn't be freed; it is free when its lease has run out");
        }
    }

    /// Keeps the message as a dead letter, and ends the mark. Whether the mark was still held; else nothing is kept.
    pub(super) async fn bury(self, letter: DeadLetter) -> Result<bool> {
        self.store.bury(letter, Some(&self.held)).await
    }

    /// Frees the mark and keeps the message in the store, to come again after a while. Whether the mark was still held; else nothing is kept.
    pub(super) async fn put_off(self, again: Outgoing, delay: Duration) -> Result<bool> {
        self.store.put_off(&self.held, again, delay).await
    }

    /// Renews the lease again and again; returns when it is known to be lost.
    async fn lost(&self) {
        let mut known_until = runtime::after(LEASE);
        loop {
            runtime::sleep(RENEW_EVERY).await;
            let asked = runtime::now();
            let renewed = self.store.renew(std::slice::from_ref(&self.held), LEASE);
            match runtime::until(Some(known_until), renewed).await {
                Some(Ok(still)) if still.first() == Some(&true) => known_until = asked + LEASE,
                Some(Ok(_)) | None => return,
                // The store is away: the lease we know of may still last until the next try.
                Some(Err(_)) if runtime::now() < known_until => (),
                Some(Err(_)) => return,
            }
        }
    }
}
