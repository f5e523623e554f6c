use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use loom::sync::Mutex;
use loom::sync::atomic::{AtomicUsize, Ordering};

/// As tokio's, as far as its docs promise it: a call of `notify_waiters` reaches each `Notified` that was made before, polled or not.
#[derive(Debug, Default)]
pub(crate) struct Notify {
    calls: AtomicUsize,
    waiting: Mutex<Vec<Waker>>,
}

impl Notify {
    pub(crate) fn notified(&self) -> Notified<'_> {
        Notified { notify: self, calls_before: self.calls.load(Ordering::SeqCst) }
    }

    pub(crate) fn notify_waiters(&self) {
        let woken = {
            let mut waiting = self.waiting.lock().unwrap();
            self.calls.fetch_add(1, Ordering::SeqCst);
            std::mem::take(&mut *waiting)
        };
        woken.into_iter().for_each(Waker::wake);
    }
}

pub(crate) struct Notified<'a> {
    notify: &'a Notify,
    calls_before: usize,
}

impl Future for Notified<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<()> {
        let mut waiting = self.notify.waiting.lock().unwrap();
        if self.notify.calls.load(Ordering::SeqCst) != self.calls_before {
            return Poll::Ready(());
        }
        waiting.push(task.waker().clone());
        Poll::Pending
    }
}
