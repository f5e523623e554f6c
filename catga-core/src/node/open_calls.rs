use crate::sync::{AtomicUsize, Notify, Ordering};

/// The calls that this node's program makes, counted so that a shutdown can wait for them.
///
/// A call is counted from its first wait on. One that is before it while the node begins to shut down may so be missed; what it commits is
/// stored, and leaves by another node's relay.
#[derive(Debug, Default)]
pub(crate) struct OpenCalls {
    /// Whether the node shuts down, in the lowest bit; how many calls are open, in the others.
    state: AtomicUsize,
    closed: Notify,
}

const STOPPING: usize = 1;
const ONE: usize = 2;

impl OpenCalls {
    /// Counts one more until the value is dropped.
    pub(crate) fn open(&self) -> OpenCall<'_> {
        self.state.fetch_add(ONE, Ordering::AcqRel);
        OpenCall(self)
    }

    /// From now on the node [is stopping](Self::is_stopping).
    pub(crate) fn stop(&self) {
        self.state.fetch_or(STOPPING, Ordering::AcqRel);
    }

    #[inline]
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
