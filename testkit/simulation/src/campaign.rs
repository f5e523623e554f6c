use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::run::{Outcome, run};
use crate::sabotage::Sabotage;
use crate::world::{Coverage, Faults};

/// How many failures are kept.
const KEPT: usize = 10;

/// Many seeds, run side by side.
pub(crate) struct Campaign {
    pub(crate) sabotage: Option<Sabotage>,
    pub(crate) seeds: Seeds,
    pub(crate) jobs: usize,
    /// Whether each seed is run twice and compared.
    pub(crate) is_twice: bool,
}

/// Which seeds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seeds {
    pub(crate) first: u64,
    pub(crate) count: u64,
}

/// What came of all of them.
#[derive(Default)]
pub(crate) struct Sum {
    pub(crate) runs: u64,
    pub(crate) took: Duration,
    pub(crate) faults: Faults,
    /// The fewest faults of one seed.
    pub(crate) fewest_faults: Option<u64>,
    pub(crate) coverage: Coverage,
    /// How many seeds failed.
    pub(crate) failed: u64,
    /// The first of them, by their numbers, with what was wrong.
    pub(crate) failures: Vec<(u64, Vec<String>)>,
}

impl Campaign {
    /// Runs all of them; with a sabotage, until the first failure.
    ///
    /// # Errors
    ///
    /// There is no runtime to be had.
    pub(crate) fn run(&self) -> Result<Sum, String> {
        let start = Instant::now();
        let (next, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
        let sum = Mutex::new(Ok(Sum::default()));
        std::thread::scope(|scope| {
            for _ in 0..self.jobs {
                scope.spawn(|| {
                    loop {
                        let place = next.fetch_add(1, Ordering::Relaxed);
                        if place >= self.seeds.count || is_over.load(Ordering::Relaxed) {
                            return;
                        }
                        let outcome = self.one(self.seeds.first + place);
                        let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
                        match (outcome, &mut *sum) {
                            (Ok(outcome), Ok(sum)) => {
                                if self.sabotage.is_some() && !outcome.violations.is_empty() {
                                    is_over.store(true, Ordering::Relaxed);
                                }
                                sum.add(outcome);
                            }
                            (Err(cause), sum) => *sum = Err(cause),
                            (Ok(_), Err(_)) => return,
                        }
                    }
                });
            }
        });
        let mut sum = sum.into_inner().unwrap_or_else(PoisonError::into_inner)?;
        sum.took = start.elapsed();
        Ok(sum)
    }

    fn one(&self, seed: u64) -> Result<Outcome, String> {
        let once = || run(seed, self.sabotage, false).map_err(|cause| cause.to_string());
        let mut outcome = once()?;
        if self.is_twice && once()?.hash != outcome.hash {
            outcome.violations.push("the same seed is the same story: a second run went another way".to_owned());
        }
        Ok(outcome)
    }
}

impl Sum {
    fn add(&mut self, outcome: Outcome) {
        self.runs += 1;
        let faults = outcome.faults.total();
        self.fewest_faults = Some(self.fewest_faults.map_or(faults, |fewest| fewest.min(faults)));
        self.faults.add(&outcome.faults);
        for (point, (passes, crashes)) in outcome.coverage {
            let sum = self.coverage.entry(point).or_default();
            *sum = (sum.0 + passes, sum.1 + crashes);
        }
        if !outcome.violations.is_empty() {
            self.failed += 1;
            self.failures.push((outcome.seed, outcome.violations));
            self.failures.sort();
            self.failures.truncate(KEPT);
        }
    }
}
