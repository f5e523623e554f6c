use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;

/// What was done, and waiting for it.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<(Mutex<Vec<String>>, Notify)>);

impl Seen {
    pub(crate) fn note(&self, what: impl Into<String>) {
        self.0.0.lock().unwrap().push(what.into());
        self.0.1.notify_waiters();
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.0.0.lock().unwrap().clone()
    }

    pub(crate) fn count(&self, of: &str) -> usize {
        self.all().iter().filter(|what| *what == of).count()
    }

    /// Waits until `what` was done so often.
    pub(crate) async fn wait_for(&self, of: &str, count: usize) {
        self.wait_until(|all| all.iter().filter(|what| *what == of).count() >= count).await;
    }

    /// Waits until what was done is so.
    pub(crate) async fn wait_until(&self, is_so: impl Fn(&[String]) -> bool) {
        let seen = async {
            loop {
                let notified = self.0.1.notified();
                if is_so(&self.all()) {
                    return;
                }
                notified.await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(24 * 3600), seen).await;
        waited.unwrap_or_else(|_| panic!("it is still not so: {:?}", self.all()));
    }
}
