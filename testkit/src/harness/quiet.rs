use std::hint;
use std::time::Duration;

use catga_core::runtime::{self, Instant};
use catga_core::{Code, Error, Result};
use tokio::time::timeout_at;

use super::Harness;
use super::notes::MOST;

/// How long [`Harness::quiet`] waits on a paused clock.
const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);
/// How long it waits on the machine's.
const REAL_PATIENCE: Duration = Duration::from_secs(30);

/// That an event is no longer aside is the one thing that gives no sign, but it follows soon after one: it is looked for after this time, and
/// then ever more rarely.
const FIRST_LOOK: Duration = Duration::from_millis(1);

impl Harness {
    /// Waits until all is quiet, which is when
    ///
    /// - no handler runs,
    /// - the transport has no request, no event and no command that isn't answered or settled: none that waits, is in flight, was put off,
    ///   or was enqueued with a delay,
    /// - the outbox of every service is empty, and so is what it keeps to be tried again later,
    /// - no node has an event [aside](catga_core::Node::aside), to be tried again.
    ///
    /// So every message has come to its end: it was handled, was given up, or nobody wanted it. What waits for a service of which no node
    /// runs, or for a handler that is paused, isn't quiet.
    ///
    /// Not all is known of what goes on outside of deliveries: a `send` that the test itself hasn't awaited yet counts only while its handler runs,
    /// and what a handler does in a task of its own doesn't.
    ///
    /// On tokio's paused clock (`#[tokio::test(start_paused = true)]`) delays take no time: the clock goes on as soon as nobody has anything to do.
    /// It works on the machine's clock as well. Each thing that happens wakes it; only the end of events that are aside it has to look for,
    /// first after 1 ms.
    ///
    /// Cancel safe.
    ///
    /// # Errors
    ///
    /// `Timeout` with all that still waits, and what goes wrong: after a day on a paused clock, after 30 s on the machine's. `TooLarge` with the
    /// same if the harness has seen more than 20,000 attempts or messages since it was made, which it doesn't note.
    pub async fn quiet(&self) -> Result<()> {
        self.quiet_within(if is_paused() { PATIENCE } else { REAL_PATIENCE }).await
    }

    /// The same, with another patience.
    ///
    /// # Errors
    ///
    /// As for [`quiet`](Self::quiet), after this time.
    pub async fn quiet_within(&self, patience: Duration) -> Result<()> {
        let (begin, deadline) = (runtime::now(), runtime::after(patience));
        let mut signs = self.observer.signs();
        let mut look_after = FIRST_LOOK;
        loop {
            let sign = *signs.borrow_and_update();
            let unrest = self.unrest().await?;
            if self.observer.notes().is_full() {
                let headline = format!("more than {MOST} attempts or messages were seen");
                return Err(self.given_up(Code::TooLarge, headline, unrest));
            }
            if unrest.is_empty() && *signs.borrow() == sign {
                return Ok(());
            }
            if runtime::now() >= deadline {
                return Err(self.given_up(Code::Timeout, format!("not quiet after {:?}", begin.elapsed()), unrest));
            }
            let next_look = if self.has_aside() { deadline.min(runtime::after(look_after)) } else { deadline };
            look_after = match timeout_at(next_look, signs.changed()).await {
                Ok(_) => FIRST_LOOK,
                Err(_) => look_after.saturating_mul(2),
            };
        }
    }

    /// What isn't quiet, for people; in each place as it is when this comes to it.
    async fn unrest(&self) -> Result<Vec<String>> {
        let mut unrest = self.observer.notes().running();
        unrest.extend(self.transport.backlog().iter().map(ToString::to_string));
        for (service, store) in self.observer.stores() {
            if store.fullness().await? > 0.0 {
                unrest.push(format!("the outbox of the service `{service}`"));
            }
        }
        for node in &*self.nodes() {
            match node.aside() {
                0 => (),
                aside => unrest.push(format!("the node `{}`: {aside} events aside, to be tried again", node.name())),
            }
        }
        Ok(unrest)
    }

    fn has_aside(&self) -> bool {
        self.nodes().iter().any(|node| node.aside() > 0)
    }

    fn given_up(&self, code: Code, headline: String, mut problems: Vec<String>) -> Error {
        problems.extend(self.observer.notes().troubles());
        Error::several(code, headline, problems)
    }
}

/// Whether tokio's clock stands still while the machine's goes on.
fn is_paused() -> bool {
    let (ours, machines) = (Instant::now(), std::time::Instant::now());
    while machines.elapsed() < Duration::from_micros(20) {
        hint::spin_loop();
    }
    ours.elapsed().is_zero()
}
