//! `cargo xtask tidy`: the rules of this repository that neither the compiler nor clippy knows.
//!
//! One file a rule: a function from the repository to its findings, and tests that show it red and green. A rule reads
//! [`repo::Repo`], which can be made from a few texts, so a test needs no files. To add one, write its file and name it in [`RULES`].

mod arrows;
mod excuses;
mod features;
mod length;
mod links;
mod manifests;
mod orphans;
pub(crate) mod repo;
mod runtime;
mod source;
mod unsafe_code;

use std::fmt;

use crate::{step::Step, workspace};
use repo::Repo;

/// The rules, in the order in which they report.
const RULES: &[fn(&Repo) -> Vec<Finding>] = &[
    arrows::check,
    excuses::check,
    features::check,
    length::check,
    links::check,
    manifests::check,
    orphans::check,
    runtime::check,
    unsafe_code::check,
];

/// One place that breaks a rule, and what to write instead.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    path: String,
    /// Counted from 1; 0 for the file as a whole.
    line: usize,
    what: String,
}

impl Finding {
    fn new(path: impl Into<String>, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.into(), line, what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.what),
            line => write!(f, "{}:{line}: {}", self.path, self.what),
        }
    }
}

/// All rules, as one step.
pub(crate) fn step() -> Step {
    Step::function("tidy", "mend each line above, then try `cargo xtask tidy`", || {
        let repo = Repo::load(&workspace::root())?;
        let findings = RULES.iter().flat_map(|rule| rule(&repo)).collect::<Vec<_>>();
        for finding in &findings {
            eprintln!("{finding}");
        }
        match findings.len() {
            0 => Ok(()),
            1 => Err("one rule is broken".to_owned()),
            count => Err(format!("rules are broken in {count} places")),
        }
    })
}

/// What the rules' own tests share.
#[cfg(test)]
mod testing {
    use super::{Finding, repo::Repo};

    /// The lines where a rule finds something in one file with this text.
    pub(crate) fn lines(rule: fn(&Repo) -> Vec<Finding>, path: &str, text: &str) -> Vec<usize> {
        rule(&Repo::of(&[(path, text)]).expect("it can be read")).into_iter().map(|finding| finding.line).collect()
    }

    /// What a rule says of these files.
    pub(crate) fn said(rule: fn(&Repo) -> Vec<Finding>, files: &[(&str, &str)]) -> Vec<String> {
        rule(&Repo::of(files).expect("they can be read")).iter().map(ToString::to_string).collect()
    }
}
