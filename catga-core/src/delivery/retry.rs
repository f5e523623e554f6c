use std::time::Duration;

use crate::error::Error;

/// What happens to a delivery whose handler failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// It comes again after this time.
    Later(Duration),
    /// It is given up.
    Dead,
}

/// After how many attempts a delivery is given up.
pub(crate) const MAX_ATTEMPTS: u32 = 10;
const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(30);

/// What happens after the `attempt`th run (from 1) has failed so: exponential delays from 100 ms to 30 s, given up after ten attempts, or
/// at once where trying again can't help.
pub(crate) fn after(error: &Error, attempt: u32) -> Next {
    if !error.can_retry() || attempt >= MAX_ATTEMPTS {
        return Next::Dead;
    }
    let doubled = FIRST_DELAY.saturating_mul(1 << attempt.saturating_sub(1).min(16));
    Next::Later(doubled.min(LONGEST_DELAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_longest() {
        let failed = Error::unavailable("the printer is out of paper");
        assert_eq!(after(&failed, 1), Next::Later(Duration::from_millis(100)));
        assert_eq!(after(&failed, 2), Next::Later(Duration::from_millis(200)));
        assert_eq!(after(&failed, 9), Next::Later(Duration::from_millis(25_600)));
        assert_eq!(after(&failed, MAX_ATTEMPTS), Next::Dead);
    }

    #[test]
    fn what_a_retry_cannot_help_is_given_up_at_once() {
        assert_eq!(after(&Error::validation("no items"), 1), Next::Dead);
    }
}
