use std::time::Duration;

const FIRST: Duration = Duration::from_millis(50);

/// How long to wait before the next try of what failed through nobody's fault: 50 ms, doubling to 2 s.
#[derive(Debug)]
pub(crate) struct Backoff(Duration);

impl Default for Backoff {
    fn default() -> Self {
        Self(FIRST)
    }
}

impl Backoff {
    /// The longest wait.
    pub(crate) const LONGEST: Duration = Duration::from_secs(2);

    /// How long to wait this time.
    pub(crate) fn next(&mut self) -> Duration {
        let now = self.0;
        self.0 = now.saturating_mul(2).min(Self::LONGEST);
        now
    }

    /// How long to wait the `nth` time, from 1.
    pub(crate) fn nth(nth: u32) -> Duration {
        FIRST.saturating_mul(1 << nth.saturating_sub(1).min(16)).min(Self::LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> = (1..=8).map(|_| backoff.next().as_millis()).collect();
        assert_eq!(waits, [50, 100, 200, 400, 800, 1600, 2000, 2000]);
        assert_eq!((1..=8).map(|nth| Backoff::nth(nth).as_millis()).collect::<Vec<_>>(), waits);
    }
}
