//! The tests of the one module with unsafe code, under valgrind: it sees what the compiler can't promise there.

use std::process::{Command, Stdio};

use crate::{step::Step, workspace::cargo};

/// The module, as the names of its tests begin.
const MODULE: &str = "mediator::place::";

/// How cargo starts the tests. What is still reachable at the end is libtest's own.
const VALGRIND: &str = r#"target.'cfg(all())'.runner = ["valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full", "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite"]"#;

pub(crate) fn step() -> Step {
    Step::function("unsafe code under valgrind", "see above which access is wrong", || {
        let valgrind = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
        if valgrind.is_err() {
            return Err("valgrind isn't installed".to_owned());
        }
        let mut command = cargo(["test", "--quiet", "--config", VALGRIND, "--package", "catga-core", "--lib", MODULE]);
        let output =
            command.stderr(Stdio::inherit()).output().map_err(|cause| format!("couldn't start cargo: {cause}"))?;
        let said = String::from_utf8_lossy(&output.stdout);
        print!("{said}");
        judge(output.status.success(), &said)
    })
}

/// A run without tests proves nothing.
fn judge(succeeded: bool, said: &str) -> Result<(), String> {
    if !succeeded {
        Err("a test fails, or reads or writes where it mustn't".to_owned())
    } else if said.contains("running 0 tests") {
        Err(format!("no test is called {MODULE}…"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_tests_is_a_failure() {
        assert_eq!(judge(true, "running 3 tests"), Ok(()));
        assert!(judge(true, "running 0 tests").is_err());
        assert!(judge(false, "running 3 tests").is_err());
    }
}
