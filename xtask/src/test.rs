//! `cargo xtask test`: the rules, each feature alone, the tests, and the simulation.
//!
//! Two tiers. Without `--long` it stays under 20 minutes on two cores. With it, each property is tried with many more cases,
//! more clusters are simulated, unsafe code runs under valgrind, and the fuzz targets are checked.

use crate::{memcheck, simulate, step::Step, tidy, tidy::repo::Repo, workspace::cargo};

/// How many cases a property is tried with in the long tier; 256 is proptest's own default.
const LONG_CASES: &str = "20000";

/// All steps.
pub(crate) fn steps(long: bool) -> Vec<Step> {
    let mut steps = vec![tidy::step()];
    steps.extend(features(Verb::Check));
    steps.extend(tests(long));
    steps.extend(simulate::steps(long));
    if long {
        steps.push(fuzz_targets());
        steps.push(memcheck::step());
    }
    steps
}

/// That the fuzz targets build: a workspace of their own, which nothing else builds. As cargo-fuzz would, on a stable compiler.
fn fuzz_targets() -> Step {
    let mut command = cargo(["check", "--quiet", "--locked", "--bins"]);
    command.args(["--manifest-path", "fuzz/Cargo.toml", "--target-dir", "target/fuzz"]).env("RUSTC_BOOTSTRAP", "1");
    Step::command("fuzz targets", command)
}

/// Unit tests, integration tests and doc tests of every package, with every feature.
pub(crate) fn tests(long: bool) -> Vec<Step> {
    let mut command = cargo(["test", "--workspace", "--all-features"]);
    if long {
        command.env("PROPTEST_CASES", LONG_CASES);
    }
    vec![Step::command("tests", command), texts()]
}

/// The texts of compile errors, which change with the features; with the default ones they are compared, with others it is enough that
/// there is an error.
fn texts() -> Step {
    Step::command(
        "texts of compile errors",
        cargo(["test", "--quiet", "--package", "catga", "--package", "catga-core", "--test", "ui*"]),
    )
}

/// What to do with a package that was given only some of its features.
#[derive(Clone, Copy)]
pub(crate) enum Verb {
    Check,
    /// Warnings are errors.
    Clippy,
}

/// Each package that has features: without any, and with each of them alone. All of them together is what [`tests`] builds.
pub(crate) fn features(verb: Verb) -> Vec<Step> {
    let repo = match Repo::load(&crate::workspace::root()) {
        Ok(repo) => repo,
        // `tidy`, which runs before, says it better.
        Err(_) => return Vec::new(),
    };
    let mut steps = Vec::new();
    for manifest in repo.members() {
        let Some(package) = manifest.name() else { continue };
        let features = manifest.features();
        if features.is_empty() {
            continue;
        }
        steps.push(corner(verb, package, None));
        steps.extend(features.iter().filter(|name| **name != "default").map(|name| corner(verb, package, Some(name))));
    }
    steps
}

fn corner(verb: Verb, package: &str, feature: Option<&str>) -> Step {
    let word = match verb {
        Verb::Check => "check",
        Verb::Clippy => "clippy",
    };
    let mut command = cargo([word, "--quiet", "--lib", "--package", package, "--no-default-features"]);
    command.args(feature.into_iter().flat_map(|name| ["--features", name]));
    if let Verb::Clippy = verb {
        command.args(["--", "--deny", "warnings"]);
    }
    Step::command(
        feature.map_or_else(|| format!("{package} without features"), |name| format!("{package} with {name} alone")),
        command,
    )
}
