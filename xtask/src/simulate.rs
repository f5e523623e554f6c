//! `cargo xtask simulate`: builds the package `catga-simulation` with optimizations and hands everything on to it.

use std::process::{Command, ExitCode};

use crate::{step::Step, workspace::cargo};

/// How many seeds every change must pass, and how many the long tier has.
const SEEDS: [&str; 2] = ["300", "10000"];

/// Runs it as a person asks for it.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    match command(arguments).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        // It has said why.
        Ok(_) => ExitCode::FAILURE,
        Err(cause) => {
            eprintln!("error: couldn't start cargo: {cause}");
            ExitCode::FAILURE
        }
    }
}

/// What a change must pass: seeds, some of them twice, and that each sabotage is noticed.
pub(crate) fn steps(long: bool) -> Vec<Step> {
    let seeds = SEEDS[usize::from(long)];
    vec![
        Step::command("simulation", command(["--seeds", seeds])),
        Step::command("simulation, each seed twice", command(["--seeds", "20", "--twice"])),
        Step::command("simulation, broken on purpose", command(["--sabotage", "all"])),
    ]
}

fn command<I: IntoIterator<Item: AsRef<std::ffi::OsStr>>>(arguments: I) -> Command {
    let mut command = cargo(["run", "--quiet", "--profile", "simulation", "--package", "catga-simulation", "--"]);
    command.args(arguments);
    command
}
