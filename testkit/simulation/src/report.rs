//! What a person is told.

use crate::campaign::{Campaign, Seeds, Sum};
use crate::run::run;
use crate::sabotage::{Sabotage, Sabotages};

/// From how many seeds on each crash point must have been hit [`HITS`] times.
const MANY: u64 = 100_000;
/// How often a node must have crashed at each point, in many seeds.
const HITS: u64 = 100;

/// Tells a seed's story line by line, and that a second run tells the same.
///
/// # Errors
///
/// A promise was broken, or the second run went another way.
pub(crate) fn replay(seed: u64, sabotage: Option<Sabotage>) -> Result<(), String> {
    let tell = |is_traced| run(seed, sabotage, is_traced).map_err(|cause| cause.to_string());
    let (told, again) = (tell(true)?, tell(false)?);
    for line in &told.trace {
        println!("{line}");
    }
    println!();
    for violation in &told.violations {
        println!("BROKEN: {violation}");
    }
    println!("seed {seed}: {} faults, trace {:016x}", told.faults.total(), told.hash);
    if told.hash != again.hash {
        return Err(format!("a second run of seed {seed} went another way: {:016x}", again.hash));
    }
    if told.violations.is_empty() {
        Ok(())
    } else {
        Err(format!("seed {seed} broke {} promises", told.violations.len()))
    }
}

/// Tells what came of many seeds.
///
/// # Errors
///
/// A promise was broken; or, in many seeds, a crash point was hit too seldom.
pub(crate) fn print(sum: &Sum, with_points: bool) -> Result<(), String> {
    let seconds = sum.took.as_secs_f64();
    println!("{} runs in {seconds:.1} s, {:.0} a second", sum.runs, sum.runs as f64 / seconds);
    println!("{} faults, at least {} in each run:", sum.faults.total(), sum.fewest_faults.unwrap_or_default());
    for (name, count) in sum.faults.iter() {
        println!("  {count:>9} {name}");
    }
    let seldom: Vec<_> = sum.coverage.iter().filter(|(_, (_, crashes))| *crashes < HITS).collect();
    let crashes: u64 = sum.coverage.values().map(|(_, crashes)| crashes).sum();
    println!(
        "{} crash points, {crashes} crashes at them; {} of them were hit fewer than {HITS} times",
        sum.coverage.len(),
        seldom.len()
    );
    let is_shown = |crashes: u64| with_points || (sum.runs >= MANY && crashes < HITS);
    for (point, (passes, crashes)) in sum.coverage.iter().filter(|(_, (_, crashes))| is_shown(*crashes)) {
        println!("  {crashes:>9} of {passes:>9} {point}");
    }
    for (seed, violations) in &sum.failures {
        println!("seed {seed}:");
        for violation in violations {
            println!("  BROKEN: {violation}");
        }
    }
    match sum.failures.first() {
        Some((seed, _)) => Err(format!(
            "{} of {} seeds broke a promise; `cargo xtask simulate --seed {seed}` tells the story of the first",
            sum.failed, sum.runs
        )),
        None if sum.runs >= MANY && !seldom.is_empty() => {
            Err(format!("{} crash points were hit fewer than {HITS} times", seldom.len()))
        }
        None => Ok(()),
    }
}

/// Breaks each promise on purpose, until that is noticed.
///
/// # Errors
///
/// One wasn't, within its number of seeds.
pub(crate) fn sabotages(which: Sabotages, first: u64, seeds: Option<u64>, jobs: usize) -> Result<(), String> {
    let mut unnoticed = Vec::new();
    for sabotage in which.each() {
        let count = seeds.unwrap_or(sabotage.seeds());
        let seeds = Seeds { first, count };
        let sum = Campaign { sabotage: Some(sabotage), seeds, jobs, is_twice: false }.run()?;
        match sum.failures.first() {
            Some((seed, violations)) => {
                let promise = violations.first().map_or("", String::as_str);
                println!("{}: noticed by seed {seed}, within {count}: {promise}", sabotage.name());
            }
            None => {
                println!("{}: NOT NOTICED within {count} seeds", sabotage.name());
                unnoticed.push(sabotage.name());
            }
        }
    }
    if unnoticed.is_empty() { Ok(()) } else { Err(format!("not noticed: {}", unnoticed.join(", "))) }
}
