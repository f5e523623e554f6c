//! `cargo xtask bench`: builds the package `catga-benches` with optimizations and lets it print.

use std::process::ExitCode;

use clap::ValueEnum;

use crate::workspace::cargo;

/// What can be measured; the binary of `catga-benches` knows the same names.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Bench {
    /// What a message costs on its whole way through transport and store, and how the outbox moves when it is long.
    Delivery,
    /// What a `send` and a `publish` cost in one process.
    Dispatch,
}

/// Measures; nothing else is printed on standard output, so that `--json` can be piped.
pub(crate) fn run(bench: Bench, json: bool) -> ExitCode {
    let mut command = cargo(["run", "--quiet", "--release", "--package", "catga-benches", "--"]);
    command.args(bench.to_possible_value().iter().map(|value| value.get_name()));
    command.args(json.then_some("--json"));
    match command.status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(status) => {
            eprintln!("error: the bench ended with {status}; see above");
            ExitCode::FAILURE
        }
        Err(cause) => {
            eprintln!("error: couldn't start cargo: {cause}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let refused = crate::Cli::try_parse_from(["xtask", "bench", "dispach"]).err().expect("refused").to_string();
        assert!(refused.contains("invalid value 'dispach'"), "{refused}");
        assert!(refused.contains("[possible values: delivery, dispatch]"), "{refused}");
    }
}
