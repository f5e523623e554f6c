//! Each member takes lints, version, edition, compiler and licence from the workspace, and so the versions of what it stands on.

use toml_edit::Item;

use super::{
    Finding,
    repo::{Manifest, Repo},
};

const INHERITED: &[&str] = &["version", "edition", "rust-version", "license"];

pub(super) fn check(repo: &Repo) -> Vec<Finding> {
    repo.members().filter(|manifest| manifest.name().is_some()).flat_map(member).collect()
}

fn member(manifest: &Manifest) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut say = |what: String| findings.push(Finding::new(&manifest.path, 0, what));
    if !manifest.get(&["lints"]).is_some_and(inherits) {
        say("the workspace's lints don't hold here; add `[lints]` with `workspace = true`".to_owned());
    }
    for key in INHERITED {
        if !manifest.get(&["package", key]).is_some_and(inherits) {
            say(format!("`{key}` is the workspace's to say; write `{key}.workspace = true`"));
        }
    }
    for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
        for (name, item) in manifest.dependencies(kind) {
            if !inherits(item) {
                say(format!(
                    "`{name}` has its version here; move it to `[workspace.dependencies]` and write `workspace = true`"
                ));
            }
        }
    }
    findings
}

fn inherits(item: &Item) -> bool {
    item.get("workspace").and_then(Item::as_bool) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::testing::said;

    const GOOD: &str = "[package]\nname = \"a\"\nversion.workspace = true\nedition.workspace = true\nrust-version.workspace = true\n\
                        license.workspace = true\n[dependencies]\nserde = { workspace = true, optional = true }\n\
                        [target.'cfg(unix)'.dependencies]\ntokio.workspace = true\n[lints]\nworkspace = true\n";

    fn member(manifest: &str) -> Vec<String> {
        said(check, &[("Cargo.toml", "[workspace]\nmembers = [\"a\"]"), ("a/Cargo.toml", manifest)])
    }

    #[test]
    fn a_member_that_takes_all_from_the_workspace_is_fine() {
        assert!(member(GOOD).is_empty(), "{:?}", member(GOOD));
    }

    #[test]
    fn whatever_it_says_itself_is_found() {
        for (good, bad) in [
            ("version.workspace = true\n", "version = \"0.2.0\"\n"),
            ("license.workspace = true\n", ""),
            ("[lints]\nworkspace = true\n", ""),
            ("{ workspace = true, optional = true }", "{ version = \"1\", optional = true }"),
            ("tokio.workspace = true", "tokio = \"1\""),
        ] {
            assert_eq!(member(&GOOD.replacen(good, bad, 1)).len(), 1, "{bad}");
        }
    }

    #[test]
    fn a_package_that_is_no_member_is_left_alone() {
        assert!(
            said(check, &[("Cargo.toml", "[workspace]"), ("fuzz/Cargo.toml", "[package]\nname = \"fuzz\"")]).is_empty()
        );
    }
}
