use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::envelope::Envelope;
use crate::error::Result;
use crate::transport::Delivery;

use super::signs::while_signing;

/// That a handler is through with a message: its effect is committed, or what is left of it is kept elsewhere.
///
/// Only who knows that makes one, and a delivery is settled by it alone: to settle too early doesn't compile.
#[derive(Debug)]
#[must_use = "the delivery is still to be settled"]
pub(super) struct Through(());

impl Through {
    /// For who has seen it committed, kept, or found that there is nothing to do.
    pub(super) fn seen() -> Self {
        Self(())
    }
}

/// A stored message in this node's hands. Dropped, it comes again, here or elsewhere.
#[derive(Debug)]
pub(super) struct Parcel(Delivery);

/// How often a node shows that it works on something, where the transport doesn't ask for it more often.
const SIGN_EVERY: Duration = Duration::from_millis(500);

/// How long a message may wait: a day less than its mark is kept.
const OLDEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

impl Parcel {
    pub(super) fn new(delivery: Delivery) -> Self {
        Self(delivery)
    }

    pub(super) fn envelope(&self) -> &Envelope {
        self.0.envelope()
    }

    pub(super) fn attempt(&self) -> u32 {
        self.0.attempt()
    }

    /// Whether it has waited longer than anything may whose mark could be forgotten meanwhile.
    pub(super) fn is_too_old(&self) -> bool {
        self.0.age() > OLDEST
    }

    /// Its place in the stream of events.
    pub(super) fn sequence(&self) -> Option<u64> {
        self.0.sequence()
    }

    /// Whether the transport can put it off for so long.
    pub(super) fn can_wait(&self, delay: Duration) -> bool {
        self.0.longest_delay().is_none_or(|longest| delay <= longest)
    }

    /// Runs `work` and tells the transport meanwhile that the message is in good hands.
    pub(super) async fn while_kept<T>(&self, work: Pin<&mut impl Future<Output = T>>) -> T {
        let every = self.0.patience().map_or(SIGN_EVERY, |patience| patience / 3);
        while_signing(every, || self.sign(), work).await
    }

    /// Tells the transport that the message is in good hands.
    pub(super) async fn sign(&self) {
        drop(self.0.still_working().await);
    }

    /// How often the transport wants a [`sign`](Self::sign), if it wants any.
    pub(super) fn patience(&self) -> Option<Duration> {
        self.0.patience()
    }

    /// It is done and doesn't come again.
    pub(super) async fn settle(self, _: Through) {
        log_unsettled(self.0.settle().await);
    }

    /// It comes again after a while.
    pub(super) async fn retry_after(self, delay: Duration) {
        log_unsettled(self.0.retry_after(delay).await);
    }

    /// It is given up where there is no persistence: what the transport keeps of it is all that is kept.
    pub(super) async fn give_up(self, reason: &str) {
        log_unsettled(self.0.dead(reason).await);
    }
}

fn log_unsettled(settled: Result<()>) {
    if let Err(error) = settled {
        tracing::warn!(error = %error.chain(), "a delivery couldn't be settled; it may come again");
    }
}
