//! Deterministic simulation of Catga's own code.
//!
//! Five nodes of two services live in one thread, on a virtual clock, with `delivery/` and `node/` as they are in production; only clock,
//! randomness, spawning and the two seams are others. A seed decides what users want and what goes wrong. In the end, when nothing goes
//! wrong any longer and all is quiet, what the store holds is compared with what the users were told.
//!
//! `world` is the machine on which it all runs, and what goes wrong there; `transport` and `store` are the two seams over it; `cluster`
//! starts the nodes, again and again; `workload` is what they and their users do, and the judge; `run` is the story of one seed, `campaign`
//! of many; `sabotage` is what is wrong on purpose, to show that it would be noticed.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool speaks to the person who called it")]

mod campaign;
mod cluster;
mod random;
mod report;
mod run;
mod sabotage;
mod store;
mod transport;
mod workload;
mod world;

use std::num::NonZeroUsize;
use std::process::ExitCode;

use clap::Parser;

use campaign::{Campaign, Seeds};
use sabotage::Sabotages;

/// Runs simulated clusters, each from a seed, and says what they broke.
#[derive(Parser)]
#[command(name = "cargo xtask simulate", bin_name = "cargo xtask simulate")]
struct Cli {
    /// How many seeds; one with `--seed`, else 1,000.
    #[arg(long)]
    seeds: Option<u64>,
    /// The first seed. Alone: this one is run twice, compared, and its trace printed.
    #[arg(long)]
    seed: Option<u64>,
    /// What to break on purpose: one after the other until each is noticed.
    #[arg(long)]
    sabotage: Option<Sabotages>,
    /// Run each seed twice, and compare.
    #[arg(long)]
    twice: bool,
    /// List every crash point, with how often it was passed and how often a node crashed there.
    #[arg(long)]
    points: bool,
    /// How many seeds to run side by side; as many as there are processors, if this isn't said.
    #[arg(long)]
    jobs: Option<NonZeroUsize>,
}

fn main() -> ExitCode {
    workload::silence_planned_panics();
    let cli = Cli::parse();
    let jobs = cli.jobs.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let outcome = match (cli.sabotage, cli.seed, cli.seeds) {
        (Some(Sabotages::One(sabotage)), Some(seed), None) => report::replay(seed, Some(sabotage)),
        (None, Some(seed), None) => report::replay(seed, None),
        (None, seed, seeds) => {
            let seeds = Seeds { first: seed.unwrap_or(1), count: seeds.unwrap_or(1000) };
            Campaign { sabotage: None, seeds, jobs, is_twice: cli.twice }
                .run()
                .and_then(|sum| report::print(&sum, cli.points))
        }
        (Some(sabotages), seed, seeds) => report::sabotages(sabotages, seed.unwrap_or(1), seeds, jobs),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("error: {cause}");
            ExitCode::FAILURE
        }
    }
}
