//! Prints how many allocations so many runs of a line take: `catga-benches-counted LINE TIMES`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

use std::process::ExitCode;

use catga_benches::dispatch;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, times] = &arguments[..] else {
        eprintln!("usage: catga-benches-counted LINE TIMES");
        return ExitCode::FAILURE;
    };
    match (dispatch::line(name), times.parse()) {
        (Some(line), Ok(times)) => {
            let mut run = (line.prepare)();
            // Once, so that what is allocated for good isn't counted.
            run(times);
            println!("{}", allocation_counter::measure(|| run(times)).count_total);
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("no such line, or no such number: {name} {times}");
            ExitCode::FAILURE
        }
    }
}
