//! `cargo xtask bench NAME [--json]`, which builds this with optimisations and runs it.
#![expect(clippy::print_stderr, reason = "a program for the terminal")]

use std::io::stdout;
use std::process::ExitCode;

use catga_benches::{delivery, dispatch, report};
use clap::{Parser, ValueEnum};

/// Measures Catga against the same by hand.
#[derive(Parser)]
struct Arguments {
    /// What is measured.
    bench: Bench,
    /// A line of JSON for each figure.
    #[arg(long)]
    json: bool,
    /// Runs one line alone, measuring nothing; for callgrind.
    #[arg(long, hide = true, requires = "times")]
    run: Option<String>,
    #[arg(long, hide = true)]
    times: Option<u64>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Bench {
    /// A message's whole way within one process, and the outbox.
    Delivery,
    /// In-process calls, behaviors, start-up, encoding.
    Dispatch,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every figure is within its target.
fn run(arguments: &Arguments) -> Result<bool, String> {
    if let (Some(name), Some(times)) = (&arguments.run, arguments.times) {
        match arguments.bench {
            Bench::Delivery => delivery::run(name, times)?,
            Bench::Dispatch => dispatch::run(name, times)?,
        }
        return Ok(true);
    }
    let figures = match arguments.bench {
        Bench::Delivery => delivery::figures()?,
        Bench::Dispatch => dispatch::figures()?,
    };
    report::print(&figures, arguments.json, &mut stdout()).map_err(|error| error.to_string())?;
    Ok(figures.iter().all(|figure| figure.ok))
}
