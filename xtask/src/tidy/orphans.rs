//! Each file under a package's `src` is in its module tree, or a program that the manifest names; any other isn't compiled, and rots.

use proc_macro2::TokenTree;

use super::{
    Finding,
    repo::{Manifest, Repo},
    source::{self, Source, is_ident, is_punct},
};

pub(super) fn check(repo: &Repo) -> Vec<Finding> {
    let programs = repo.members().flat_map(programs).collect::<Vec<_>>();
    let inside = repo.sources.iter().filter(|source| under_src(&source.path).is_some_and(|rest| !is_root(rest)));
    inside
        .filter(|source| !programs.contains(&source.path))
        .filter(|source| {
            !parents(&source.path).iter().any(|parent| repo.sources.iter().any(|other| declares(other, parent)))
        })
        .map(|source| Finding::new(&source.path, 0, "no `mod` names this file; name it, or delete it"))
        .collect()
}

/// The file that would name a module, and the module's name.
struct Parent {
    path: String,
    module: String,
}

/// What comes after the last `src/` of a path.
fn under_src(path: &str) -> Option<&str> {
    path.rsplit_once("src/").filter(|(before, _)| before.is_empty() || before.ends_with('/')).map(|(_, rest)| rest)
}

/// Cargo finds these by itself.
fn is_root(rest: &str) -> bool {
    rest == "lib.rs" || rest == "main.rs" || rest.starts_with("bin/")
}

/// The files that a manifest names as programs, from the repository's root: the `path` of each `[[bin]]`.
fn programs(manifest: &Manifest) -> Vec<String> {
    let folder = manifest.path.strip_suffix("Cargo.toml").unwrap_or_default();
    let tables = manifest.get(&["bin"]).and_then(|bin| bin.as_array_of_tables());
    let paths = tables.into_iter().flatten().filter_map(|table| table.get("path")?.as_str());
    paths.map(|path| format!("{folder}{path}")).collect()
}

/// The files that could name the module in this one.
fn parents(path: &str) -> Vec<Parent> {
    let stem = path.strip_suffix("/mod.rs").or_else(|| path.strip_suffix(".rs")).unwrap_or(path);
    let Some((folder, module)) = stem.rsplit_once('/') else { return Vec::new() };
    [format!("{folder}/mod.rs"), format!("{folder}.rs"), format!("{folder}/lib.rs"), format!("{folder}/main.rs")]
        .into_iter()
        .map(|path| Parent { path, module: module.to_owned() })
        .collect()
}

fn declares(source: &Source, parent: &Parent) -> bool {
    source.path == parent.path && names_module(&source.all, &parent.module)
}

fn names_module(trees: &[TokenTree], module: &str) -> bool {
    trees.windows(3).any(|next| is_ident(&next[0], "mod") && is_ident(&next[1], module) && is_punct(&next[2], ';'))
        || source::attributes(trees).iter().any(|(attribute, _)| is_path_to(attribute, module))
}

/// `#[path = "module.rs"]`
fn is_path_to(attribute: &[TokenTree], module: &str) -> bool {
    matches!(attribute, [name, _, TokenTree::Literal(file)]
        if is_ident(name, "path") && file.to_string().trim_matches('"') == format!("{module}.rs"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::testing::said;

    #[test]
    fn a_file_that_no_module_names_is_found() {
        let files = [
            ("a/src/lib.rs", "mod b;\n// mod c;"),
            ("a/src/b/mod.rs", "mod d;"),
            ("a/src/b/d.rs", ""),
            ("a/src/c.rs", ""),
        ];
        assert_eq!(said(check, &files), ["a/src/c.rs: no `mod` names this file; name it, or delete it"]);
    }

    #[test]
    fn a_program_that_the_manifest_names_is_compiled() {
        let files = [
            ("Cargo.toml", "[workspace]\nmembers = [\"a\"]"),
            ("a/Cargo.toml", "[[bin]]\nname = \"b\"\npath = \"src/b.rs\""),
            ("a/src/main.rs", ""),
            ("a/src/b.rs", ""),
            ("a/src/c.rs", ""),
        ];
        assert_eq!(said(check, &files), ["a/src/c.rs: no `mod` names this file; name it, or delete it"]);
    }

    #[test]
    fn roots_and_what_is_not_under_src_are_left_alone() {
        let files = [
            ("src/lib.rs", ""),
            ("a/src/main.rs", ""),
            ("a/src/bin/tool.rs", ""),
            ("tests/ui/a.rs", ""),
            ("examples/b.rs", ""),
        ];
        assert!(said(check, &files).is_empty());
    }
}
