use std::future::pending;
use std::num::NonZeroUsize;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many handlers of a node run at a time.
///
/// The places are shared; each handler has one more of its own, so that others which take long can't keep it from running at all.
#[derive(Clone, Debug)]
pub(crate) struct Places(Arc<Semaphore>);

impl Places {
    pub(crate) fn new(shared: NonZeroUsize) -> Self {
        Self(semaphore(shared.get()))
    }

    /// The places of one handler, which runs at most `at_once` times at a time.
    pub(crate) fn of_handler(&self, at_once: NonZeroUsize) -> HandlerPlaces {
        let shared = at_once.get() - 1;
        HandlerPlaces { own: semaphore(1), its_share: semaphore(shared), of_all: self.0.clone() }
    }
}

/// The places that one handler may take.
#[derive(Clone, Debug)]
pub(crate) struct HandlerPlaces {
    own: Arc<Semaphore>,
    /// How many of those that are shared it may take.
    its_share: Arc<Semaphore>,
    of_all: Arc<Semaphore>,
}

/// A place that is taken until this is dropped.
#[derive(Debug)]
#[expect(dead_code, reason = "held, not read")]
pub(crate) enum Place {
    Own(OwnedSemaphorePermit),
    Shared { its: OwnedSemaphorePermit, of_all: OwnedSemaphorePermit },
}

impl HandlerPlaces {
    /// Waits for a place. Cancel safe.
    pub(crate) async fn take(&self) -> Place {
        // Where nobody waits before it, it takes what is free without a wait being prepared.
        if let Ok(own) = self.own.clone().try_acquire_owned() {
            return Place::Own(own);
        }
        let shared = async {
            let its = permit(&self.its_share).await;
            Place::Shared { its, of_all: permit(&self.of_all).await }
        };
        tokio::select! {
            biased;
            own = permit(&self.own) => Place::Own(own),
            shared = shared => shared,
        }
    }
}

async fn permit(places: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    match places.clone().acquire_owned().await {
        Ok(permit) => permit,
        // Nobody closes one of these.
        Err(_) => pending().await,
    }
}

fn semaphore(places: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS)))
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn places(count: usize) -> NonZeroUsize {
        NonZeroUsize::new(count).unwrap()
    }

    #[test]
    fn a_handler_takes_no_more_places_than_its_own_limit() {
        let handler = Places::new(places(100)).of_handler(places(2));
        let taken = [handler.take().now_or_never(), handler.take().now_or_never()];
        assert!(taken.iter().all(Option::is_some));
        assert!(handler.take().now_or_never().is_none());
        drop(taken);
        assert!(handler.take().now_or_never().is_some());
    }

    #[test]
    fn a_handler_that_takes_all_shared_places_leaves_each_other_one_its_own() {
        let node = Places::new(places(3));
        let (slow, other) = (node.of_handler(places(100)), node.of_handler(places(100)));
        let slow: Vec<_> = std::iter::from_fn(|| slow.take().now_or_never()).collect();
        assert_eq!(slow.len(), 4);
        let first = other.take().now_or_never();
        assert!(first.is_some());
        assert!(other.take().now_or_never().is_none());
    }
}
