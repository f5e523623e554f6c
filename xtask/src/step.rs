//! One step of a task: it prints its name and its time and, when it fails, one line that says what to do.

use std::{
    process::{Command, ExitCode},
    time::Instant,
};

/// Something that can fail, with what to do then.
pub(crate) struct Step {
    name: String,
    remedy: String,
    work: Work,
}

enum Work {
    Command(Command),
    Function(fn() -> Result<(), String>),
}

impl Step {
    /// Runs a command; when it fails, the person is told to run the same command alone.
    pub(crate) fn command(name: impl Into<String>, command: Command) -> Self {
        let remedy = format!("mend what is said above, then try `{}`", shown(&command));
        Self { name: name.into(), remedy, work: Work::Command(command) }
    }

    /// Calls a function, whose error is printed before `remedy`.
    pub(crate) fn function(name: &str, remedy: &str, work: fn() -> Result<(), String>) -> Self {
        Self { name: name.to_owned(), remedy: remedy.to_owned(), work: Work::Function(work) }
    }

    /// Says something better than "mend what is said above".
    pub(crate) fn or(mut self, remedy: &str) -> Self {
        self.remedy = remedy.to_owned();
        self
    }

    fn run(self) -> Result<(), String> {
        println!("\n==> {}", self.name);
        let start = Instant::now();
        let result = match self.work {
            Work::Command(command) => succeed(command),
            Work::Function(work) => work(),
        };
        let seconds = start.elapsed().as_secs_f32();
        match result {
            Ok(()) => {
                println!("    {}: ok, {seconds:.1} s", self.name);
                Ok(())
            }
            Err(cause) => Err(format!("error: {} failed after {seconds:.1} s: {cause}; {}", self.name, self.remedy)),
        }
    }
}

/// Runs the steps in order, and stops at the first that fails.
pub(crate) fn run_all(steps: Vec<Step>) -> ExitCode {
    let start = Instant::now();
    for step in steps {
        if let Err(line) = step.run() {
            eprintln!("{line}");
            return ExitCode::FAILURE;
        }
    }
    println!("\nAll of it took {:.1} s.", start.elapsed().as_secs_f32());
    ExitCode::SUCCESS
}

fn succeed(mut command: Command) -> Result<(), String> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(status.to_string()),
        Err(cause) => Err(format!("couldn't start {}: {cause}", command.get_program().display())),
    }
}

/// The command as a person would type it.
fn shown(command: &Command) -> String {
    let variables = command
        .get_envs()
        .filter_map(|(name, value)| Some(format!("{}={} ", name.display(), value?.display())))
        .collect::<String>();
    let words = command.get_args().map(|word| format!(" {}", word.display())).collect::<String>();
    format!("{variables}cargo{words}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::cargo;

    #[test]
    fn a_step_that_fails_names_itself_its_cause_and_the_remedy() {
        let step = Step::function("brew", "fill the kettle", || Err("no water".to_owned()));
        let line = step.run().expect_err("it fails");
        assert!(line.starts_with("error: brew failed after "), "{line}");
        assert!(line.ends_with(": no water; fill the kettle"), "{line}");
    }

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let mut command = cargo(["test", "--workspace"]);
        command.env("PROPTEST_CASES", "9");
        let step = Step::command("tests", command);
        assert_eq!(step.remedy, "mend what is said above, then try `PROPTEST_CASES=9 cargo test --workspace`");
    }

    #[test]
    fn the_steps_after_a_failure_are_not_run() {
        let fails = || Step::function("fails", "…", || Err("always".to_owned()));
        let exits = || Step::function("exits", "…", || std::process::exit(17));
        assert_eq!(run_all(vec![fails(), exits()]), ExitCode::FAILURE);
    }
}
