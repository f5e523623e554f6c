use std::future::Future;
use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};

use super::IN_FLIGHT;
use super::messages::Work;

/// How much a channel holds.
pub(super) const CAPACITY: usize = 1_024;

/// The end of a channel that hands each message to a task of its own.
pub(super) struct Queue;

impl Queue {
    /// Handles what is sent, so many at a time; a message that `handle` isn't through with comes again.
    pub(super) fn start<F>(handle: impl Fn(&Work) -> F + Send + Sync + 'static) -> mpsc::Sender<Work>
    where
        F: Future<Output = bool> + Send + 'static,
    {
        let (sender, mut receiver) = mpsc::channel(CAPACITY);
        let again = sender.clone();
        let (handle, places) = (Arc::new(handle), Arc::new(Semaphore::new(IN_FLIGHT)));
        tokio::spawn(async move {
            while let Some(work) = receiver.recv().await {
                let Ok(place) = places.clone().acquire_owned().await else { return };
                let unsettled = Unsettled { work, again: Some(again.clone()) };
                let handle = handle.clone();
                tokio::spawn(async move {
                    if handle(&unsettled.work).await {
                        unsettled.settle();
                    }
                    drop(place);
                });
            }
        });
        sender
    }
}

/// A message in hand. Dropped before it is settled, also by a panic, it comes again.
struct Unsettled {
    work: Work,
    again: Option<mpsc::Sender<Work>>,
}

impl Unsettled {
    fn settle(mut self) {
        self.again = None;
    }
}

impl Drop for Unsettled {
    fn drop(&mut self) {
        if let Some(again) = &self.again {
            drop(again.try_send(self.work.clone()));
        }
    }
}
