use std::time::Duration;

use tokio::{sync::watch, time::timeout};

/// How long [`Seen::wait_for`] waits.
const PATIENCE: Duration = Duration::from_secs(20);

/// What handlers have seen, in the order in which they noted it, for a test to wait for.
///
/// Cheap to clone; clones are the same. Provide one to a node, and keep a clone. It keeps all that was noted, so it is for tests alone.
///
/// ```
/// use catga_testkit::Seen;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let seen = Seen::default();
/// let handler = seen.clone();
/// tokio::spawn(async move { handler.note("order 7") });
/// assert_eq!(seen.wait_for(1).await, ["order 7"]);
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Seen(watch::Sender<Vec<String>>);

impl Seen {
    /// Notes one thing more.
    pub fn note(&self, what: impl Into<String>) {
        self.0.send_modify(|all| all.push(what.into()));
    }

    /// All that was noted so far.
    pub fn all(&self) -> Vec<String> {
        self.0.borrow().clone()
    }

    /// Waits until at least `count` things were noted, and gives all of them. Cancel safe.
    ///
    /// # Panics
    ///
    /// If it takes more than 20 seconds; the message shows what was noted by then.
    pub async fn wait_for(&self, count: usize) -> Vec<String> {
        let mut changes = self.0.subscribe();
        match timeout(PATIENCE, changes.wait_for(|all| all.len() >= count)).await {
            Ok(Ok(all)) => all.clone(),
            // The sender is `self`'s, so only time can run out.
            _ => panic!("{count} were to be seen within {PATIENCE:?}, and there are only {:?}", self.all()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_noted_before_is_waited_for_no_longer() {
        let seen = Seen::default();
        seen.note("one");
        seen.note("two");
        assert_eq!(seen.wait_for(1).await, ["one", "two"]);
        assert_eq!(seen.all(), ["one", "two"]);
    }

    #[tokio::test]
    async fn who_waits_is_woken_by_the_last_one_that_was_missing() {
        let seen = Seen::default();
        let waiting = seen.wait_for(2);
        tokio::pin!(waiting);
        seen.note("one");
        let is_pending = tokio::select! { biased; _ = &mut waiting => false, () = async {} => true };
        assert!(is_pending);
        seen.clone().note("two");
        assert_eq!(waiting.await, ["one", "two"]);
    }

    #[tokio::test(start_paused = true)]
    #[should_panic(expected = "2 were to be seen within 20s, and there are only [\"one\"]")]
    async fn what_does_not_come_fails_the_test_with_what_came() {
        let seen = Seen::default();
        seen.note("one");
        seen.wait_for(2).await;
    }
}
