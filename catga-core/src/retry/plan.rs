use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::error::Code;
use crate::message::MessageId;

use super::{Came, Failure, Next};

/// The built-in policy: some attempts at once, then some with growing delays between them, then none.
///
/// - What a retry can't help ([`Error::can_retry`](crate::Error::can_retry)) is dead at once; a body that can't be decoded is such a thing,
///   a panic isn't.
/// - A stored message of a shape that this node doesn't know waits until nodes that know it may be there: a rollout may be under way. It is
///   tried with delays that grow from 100 ms to 30 s, for as long as [`grace`](Self::grace) says, whatever else is said here. One that
///   was sent is refused at once, and its sender sends it again with names.
/// - Each delay is spread by some percent, by the message's id and the attempt: the same message gets the same delays, different ones
///   don't come in step.
///
/// ```
/// use std::time::Duration;
/// use catga_core::retry::Retry;
///
/// const PATIENT: Retry = Retry::DEFAULT.attempts(20).immediate(0).first(Duration::from_secs(1));
/// # let _ = PATIENT;
/// ```
///
/// | | [`DEFAULT`](Self::DEFAULT) |
/// | --- | --- |
/// | [`attempts`](Self::attempts) | 10 |
/// | [`attempts_of_sent`](Self::attempts_of_sent) | 3 |
/// | [`immediate`](Self::immediate) | 2 |
/// | [`first`](Self::first) | 100 ms |
/// | [`longest`](Self::longest) | 30 s |
/// | [`jitter`](Self::jitter) | 20 % |
/// | [`grace`](Self::grace) | 10 min |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    attempts: u32,
    attempts_of_sent: u32,
    immediate: u32,
    first: Duration,
    longest: Duration,
    jitter: u32,
    grace: Duration,
}

/// No delay and no grace is longer: what waited for so long is dead anyway.
const MOST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

impl Retry {
    /// What holds where nothing else is said; see the table above.
    pub const DEFAULT: Self = Self {
        attempts: 10,
        attempts_of_sent: 3,
        immediate: 2,
        first: Duration::from_millis(100),
        longest: Duration::from_secs(30),
        jitter: 20,
        grace: Duration::from_secs(10 * 60),
    };

    /// One attempt: a handler that failed is never run again for the same message. What this node can't read yet still waits its grace
    /// period, since no handler has run.
    pub const NEVER: Self = Self::DEFAULT.attempts(1);

    /// How many attempts there are in all, the first one included; 0 is taken for 1.
    #[must_use]
    pub const fn attempts(mut self, most: u32) -> Self {
        self.attempts = most;
        self
    }

    /// How many of them there are for a request that somebody waits for: they end with its deadline at the latest.
    #[must_use]
    pub const fn attempts_of_sent(mut self, most: u32) -> Self {
        self.attempts_of_sent = most;
        self
    }

    /// How many attempts follow the first one at once.
    #[must_use]
    pub const fn immediate(mut self, times: u32) -> Self {
        self.immediate = times;
        self
    }

    /// How long it is until the first attempt that doesn't follow at once; twice as long until each further one.
    #[must_use]
    pub const fn first(mut self, delay: Duration) -> Self {
        self.first = delay;
        self
    }

    /// How long a delay becomes at most, before it is spread; 7 days if more is given.
    #[must_use]
    pub const fn longest(mut self, delay: Duration) -> Self {
        self.longest = delay;
        self
    }

    /// By how many percent a delay is made shorter or longer at most; 100 if more is given.
    #[must_use]
    pub const fn jitter(mut self, percent: u32) -> Self {
        self.jitter = percent;
        self
    }

    /// How long a stored message waits for nodes that know its shape, as the sum of its planned delays; 7 days if more is given.
    #[must_use]
    pub const fn grace(mut self, period: Duration) -> Self {
        self.grace = period;
        self
    }

    /// What happens after this failure.
    pub fn next(&self, failure: &Failure<'_>) -> Next {
        let &Failure { message, error, attempt, came, .. } = failure;
        if error.code() == Code::SchemaMismatch && came == Came::Stored {
            return self.await_rollout(message, attempt);
        }
        let most = match came {
            Came::Sent => self.attempts.min(self.attempts_of_sent),
            Came::Stored => self.attempts,
        };
        if !error.can_retry() || attempt >= most {
            return Next::Dead;
        }
        match attempt.checked_sub(self.immediate) {
            None | Some(0) => Next::Now,
            Some(place) => Next::Later(self.spread(self.delay(place), message, attempt)),
        }
    }

    /// What happens to a stored message that this node can't read, where nodes of another version may.
    fn await_rollout(&self, message: MessageId, attempt: u32) -> Next {
        let grace = self.grace.min(MOST);
        let mut waited = Duration::ZERO;
        for place in 1..attempt {
            waited += Self::DEFAULT.delay(place);
            if waited >= grace {
                break;
            }
        }
        if waited >= grace {
            return Next::Dead;
        }
        Next::Later(self.spread(Self::DEFAULT.delay(attempt), message, attempt))
    }

    /// The planned delay at this place, from 1.
    fn delay(&self, place: u32) -> Duration {
        let times = 1 << place.saturating_sub(1).min(31);
        self.first.saturating_mul(times).min(self.longest).min(MOST)
    }

    /// The delay, made shorter or longer by a share that depends on message and attempt alone.
    fn spread(&self, delay: Duration, message: MessageId, attempt: u32) -> Duration {
        const WHOLE: u32 = 1_000_000;
        let most = self.jitter.min(100) * (WHOLE / 100);
        let share = chance(message, attempt) % (2 * u64::from(most) + 1);
        // At most twice the whole, so it fits; and a delay is at most a week, so their product does.
        let factor = WHOLE - most + u32::try_from(share).unwrap_or(most);
        delay.saturating_mul(factor) / WHOLE
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A number that is any number, and the same one each time; also on every platform, so that a run can be repeated exactly.
fn chance(message: MessageId, attempt: u32) -> u64 {
    let hash = Sha256::new().chain_update(message.as_uuid().as_bytes()).chain_update(attempt.to_be_bytes()).finalize();
    let [a, b, c, d, e, f, g, h, ..]: [u8; 32] = hash.into();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}
