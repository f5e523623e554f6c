//! Deliveries that their broker waits for.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use catga_core::transport::{Delivery, Settlement};
use catga_core::{Error, Result};
use tokio::sync::{Mutex, Notify};
use tokio::time::timeout;

use super::bent::Flaw;
use super::wire::Wire;

/// After how long a delivery of which nothing is heard is given to others.
const PATIENCE: Duration = Duration::from_secs(4);

/// A delivery, for as long as its node is believed to have it.
pub(crate) struct Held {
    delivery: Mutex<Option<Delivery>>,
    heard: Notify,
}

impl Held {
    /// Gives it to others when nothing is heard of it.
    pub(crate) fn new(delivery: Delivery) -> Arc<Self> {
        let held = Arc::new(Self { delivery: Mutex::new(Some(delivery)), heard: Notify::new() });
        let watched = held.clone();
        tokio::spawn(async move {
            while timeout(PATIENCE, watched.heard.notified()).await.is_ok() {
                if watched.delivery.lock().await.is_none() {
                    return;
                }
            }
            drop(watched.take().await);
        });
        held
    }

    /// One that is settled already.
    pub(crate) async fn settled(delivery: Delivery) -> Arc<Self> {
        drop(delivery.settle().await);
        Arc::new(Self { delivery: Mutex::new(None), heard: Notify::new() })
    }

    async fn take(&self) -> Option<Delivery> {
        let delivery = self.delivery.lock().await.take();
        self.heard.notify_one();
        delivery
    }
}

/// How it ends.
pub(crate) struct BentSettlement<F: Flaw> {
    pub(crate) held: Arc<Held>,
    pub(crate) flaw: Arc<F>,
    pub(crate) wire: Wire,
}

impl<F: Flaw> Drop for BentSettlement<F> {
    /// Gives it back, if the broker can be told.
    fn drop(&mut self) {
        if self.wire.is_whole()
            && let Ok(mut delivery) = self.held.delivery.try_lock()
        {
            drop(delivery.take());
            self.held.heard.notify_one();
        }
    }
}

#[async_trait]
impl<F: Flaw> Settlement for BentSettlement<F> {
    async fn still_working(&self) -> Result<()> {
        let tell = async {
            let delivery = self.held.delivery.lock().await;
            delivery.as_ref().ok_or_else(given_away)?.still_working().await
        };
        self.wire.call(tell).await?;
        self.held.heard.notify_one();
        Ok(())
    }

    fn patience(&self) -> Option<Duration> {
        Some(PATIENCE)
    }

    fn longest_delay(&self) -> Option<Duration> {
        None
    }

    async fn settle(self: Box<Self>) -> Result<()> {
        let settle = async {
            let delivery = self.held.take().await;
            match delivery {
                Some(delivery) if self.flaw.settles() => delivery.settle().await,
                Some(_) => Ok(()),
                None if self.flaw.settles_early() => Ok(()),
                None => Err(given_away()),
            }
        };
        self.wire.call(settle).await
    }

    async fn retry_after(self: Box<Self>, delay: Duration) -> Result<()> {
        let put_off =
            async { self.held.take().await.ok_or_else(given_away)?.retry_after(self.flaw.delay(delay)).await };
        self.wire.call(put_off).await
    }

    async fn dead(self: Box<Self>, reason: &str) -> Result<()> {
        let bury = async { self.held.take().await.ok_or_else(given_away)?.dead(reason).await };
        self.wire.call(bury).await
    }
}

fn given_away() -> Error {
    Error::unavailable("the delivery was given to others")
}
