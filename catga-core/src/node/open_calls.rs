use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// The calls that handlers of this node answer right here, counted so that a shutdown can wait for them.
#[derive(Debug, Default)]
pub(crate) struct OpenCalls {
    /// Whether the node shuts down, in the lowest bit; how many calls are open, in the others.
    state: AtomicUsize,
    closed: Notify,
}

const STOPPING: usize = 1;
const ONE: usize = 2;

impl OpenCalls {
    /// Counts one more until the value is dropped; `None` if the node shuts down.
    #[inline]
    pub(crate) fn open(&self) -> Option<OpenCall<'_>> {
        let before = self.state.fetch_add(ONE, Ordering::AcqRel);
        let call = OpenCall(self);
        (before & STOPPING == 0).then_some(call)
    }

    /// No more are opened from now on.
    pub(crate) fn stop(&self) {
        self.state.fetch_or(STOPPING, Ordering::AcqRel);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.state.load(Ordering::Acquire) & STOPPING != 0
    }

    /// Waits until none is open, after [`stop`](Self::stop). Cancel safe.
    pub(crate) async fn finished(&self) {
        loop {
            let closed = self.closed.notified();
            if self.state.load(Ordering::Acquire) == STOPPING {
                return;
            }
            closed.await;
        }
    }
}

/// A call that is open.
#[derive(Debug)]
pub(crate) struct OpenCall<'a>(&'a OpenCalls);

impl Drop for OpenCall<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.0.state.fetch_sub(ONE, Ordering::AcqRel) == STOPPING + ONE {
            self.0.closed.notify_waiters();
        }
    }
}
