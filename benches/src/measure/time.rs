use std::time::Instant;

use super::{Line, Run};

/// Rounds, of which the median is taken.
const ROUNDS: usize = 151;

/// The median time of one run of each line, in nanoseconds.
///
/// The lines take turns in each round, so that what disturbs the machine disturbs all of them.
pub fn medians<const N: usize>(lines: [&Line; N], times: u64) -> [f64; N] {
    let mut runs: [Run; N] = lines.map(|line| (line.prepare)());
    let mut rounds: [Vec<f64>; N] = std::array::from_fn(|_| Vec::with_capacity(ROUNDS));
    for run in &mut runs {
        run(times);
    }
    for _ in 0..ROUNDS {
        for (run, times_taken) in runs.iter_mut().zip(&mut rounds) {
            let begun = Instant::now();
            run(times);
            #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
            times_taken.push(begun.elapsed().as_nanos() as f64 / times as f64);
        }
    }
    rounds.map(|mut round| {
        round.sort_by(f64::total_cmp);
        round[ROUNDS / 2]
    })
}
