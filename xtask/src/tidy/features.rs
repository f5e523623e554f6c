//! Each feature explains itself, in a comment above it. `default` doesn't need to.

use super::{Finding, repo::Repo};

pub(super) fn check(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for manifest in repo.members() {
        let Some(table) = manifest.table(&["features"]) else { continue };
        for feature in manifest.features().into_iter().filter(|feature| *feature != "default") {
            let line = manifest.line(table, feature);
            if !manifest.line_text(line.saturating_sub(1)).trim_start().starts_with('#') {
                let what = format!("the feature `{feature}` doesn't explain itself; write a comment above it");
                findings.push(Finding::new(&manifest.path, line, what));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::testing::lines;

    #[test]
    fn a_feature_without_a_comment_is_found() {
        let manifest = "[package]\nname = \"a\"\n[features]\ndefault = []\n# Of use.\na = []\nb = []\n";
        assert_eq!(lines(check, "Cargo.toml", manifest), [7]);
    }

    #[test]
    fn a_feature_with_a_comment_is_fine() {
        assert!(lines(check, "Cargo.toml", "[features]\ndefault = [\"a\"]\n# Of use.\na = []\n").is_empty());
    }
}
