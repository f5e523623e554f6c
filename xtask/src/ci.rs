//! `cargo xtask ci`: the list of what CI runs. `.ci/run` only brings the tools and calls this.

use crate::{
    memcheck, simulate, smoke,
    step::Step,
    test::{self, Verb},
    tidy,
    workspace::cargo,
};

/// The cheap steps first, since the first failure ends the run. Lints see each feature alone, too, so the tests don't.
pub(crate) fn steps() -> Vec<Step> {
    let mut steps = vec![
        Step::command("formatting", cargo(["fmt", "--all", "--check"])).or("run `cargo fmt --all`"),
        tidy::step(),
        Step::command("bans, licences, sources", cargo(["deny", "check", "bans", "licenses", "sources"]))
            .or("argue the exception in `deny.toml`, or choose another package"),
        Step::command("lints", clippy(["--workspace", "--all-targets", "--all-features"])),
    ];
    steps.extend(test::features(Verb::Clippy));
    steps.push(docs());
    steps.extend(test::tests(false));
    steps.extend(simulate::steps(false));
    steps.push(memcheck::step());
    steps.push(smoke::step());
    steps
}

fn clippy<const N: usize>(arguments: [&str; N]) -> std::process::Command {
    let mut command = cargo(["clippy", "--quiet"]);
    command.args(arguments).args(["--", "--deny", "warnings"]);
    command
}

fn docs() -> Step {
    let mut command = cargo(["doc", "--quiet", "--workspace", "--no-deps", "--all-features"]);
    command.env("RUSTDOCFLAGS", "--deny warnings");
    Step::command("docs", command)
}
