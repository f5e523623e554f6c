//! `cargo xtask`: what a person would otherwise type by hand.
//!
//! Each subcommand is a module. Those that run several commands are lists of [`step::Step`]s, each listed in one place.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool speaks to the person who called it")]

mod bench;
mod ci;
mod http;
mod memcheck;
mod simulate;
mod smoke;
mod step;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Builds, tests and measures Catga.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Everything that must hold before a change is merged, in less than 20 minutes on two cores.
    Test {
        /// The rest as well: many more cases of each property, and unsafe code under valgrind.
        #[arg(long)]
        long: bool,
    },
    /// Checks the rules of this repository that the compiler doesn't know, in seconds.
    Tidy,
    /// Measures, and prints the figures as a table.
    Bench {
        /// Which figures.
        name: bench::Bench,
        /// Print JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Simulates clusters in which things go wrong, each from a seed, and says what they broke.
    #[command(disable_help_flag = true)]
    Simulate {
        /// What the simulation itself takes; `--help` shows it.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Starts the example as the README says, asks it over HTTP, and ends it.
    Smoke,
    /// What CI runs: formatting, lints, licences, docs, tests, and the example as in `smoke`.
    Ci,
}

fn main() -> ExitCode {
    match Cli::parse().task {
        Task::Test { long } => step::run_all(test::steps(long)),
        Task::Tidy => step::run_all(vec![tidy::step()]),
        Task::Bench { name, json } => bench::run(name, json),
        Task::Simulate { arguments } => simulate::run(&arguments),
        Task::Smoke => step::run_all(vec![smoke::step()]),
        Task::Ci => step::run_all(ci::steps()),
    }
}
