//! Prints how many allocations so many runs of a line take: `catga-benches-counted BENCH LINE TIMES`; and of the line `outbox`, how many bytes more than at its
//! beginning were allocated at any time while the outbox was emptied.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

use std::process::ExitCode;

use catga_benches::{delivery, dispatch};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [bench, name, times] = &arguments[..] else {
        eprintln!("usage: catga-benches-counted BENCH LINE TIMES");
        return ExitCode::FAILURE;
    };
    match (&**bench, &**name, times.parse()) {
        ("delivery", "outbox", Ok(times)) => {
            let outbox = delivery::Outbox::fill(times);
            println!("{}", allocation_counter::measure(|| drop(outbox.rates())).bytes_max);
            ExitCode::SUCCESS
        }
        (_, _, Ok(times)) => count(bench, name, times),
        _ => unknown(bench, name),
    }
}

fn count(bench: &str, name: &str, times: u64) -> ExitCode {
    let line = match bench {
        "delivery" => delivery::line(name),
        _ => dispatch::line(name),
    };
    let Some(line) = line else { return unknown(bench, name) };
    let mut run = (line.prepare)();
    // Once, so that what is allocated for good isn't counted.
    run(times);
    println!("{}", allocation_counter::measure(|| run(times)).count_total);
    ExitCode::SUCCESS
}

fn unknown(bench: &str, name: &str) -> ExitCode {
    eprintln!("no such line, or no such number: {bench} {name}");
    ExitCode::FAILURE
}
