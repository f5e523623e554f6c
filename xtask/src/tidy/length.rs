//! A file holds one idea: at most [`LIMIT`] lines of code, docs and tests not counted.

use super::{Finding, repo::Repo};

const LIMIT: usize = 400;

/// The files that are longer, and why that reads better than two files.
const ARGUED: &[(&str, &str)] = &[];

pub(super) fn check(repo: &Repo) -> Vec<Finding> {
    repo.sources
        .iter()
        .filter_map(|source| {
            let lines = source.code_lines();
            let argued = ARGUED.iter().any(|(path, _)| *path == source.path);
            let what = match (lines > LIMIT, argued) {
                (true, false) => format!(
                    "{lines} lines of code, {LIMIT} are the limit; divide it, or argue it in ARGUED of xtask/src/tidy/length.rs"
                ),
                (false, true) => format!("{lines} lines of code need no argument; take it off ARGUED in xtask/src/tidy/length.rs"),
                _ => return None,
            };
            Some(Finding::new(&source.path, 0, what))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::testing::lines;

    #[test]
    fn a_long_file_is_found() {
        assert!(lines(check, "src/a.rs", &"fn f() {}\n".repeat(LIMIT)).is_empty());
        assert_eq!(lines(check, "src/a.rs", &"fn f() {}\n".repeat(LIMIT + 1)), [0]);
    }

    #[test]
    fn docs_blank_lines_and_tests_are_free() {
        let text = format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", "\n/// Docs.\n", "fn f() {}\n".repeat(LIMIT + 1));
        assert!(lines(check, "src/a.rs", &text).is_empty());
        assert!(lines(check, "tests/a.rs", &"fn f() {}\n".repeat(LIMIT + 1)).is_empty());
    }
}
