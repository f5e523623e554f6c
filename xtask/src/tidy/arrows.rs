//! The arrows between our packages, and what is absent: core knows no broker and no database, a transport no store, a store no
//! transport, the hand-written baselines of the benches no Catga.
//!
//! What only tests use (`[dev-dependencies]`) may point anywhere among our own packages.

use super::{Finding, repo::Manifest, repo::Repo, source};

/// A package and those of our own that it may stand on.
const ARROWS: &[(&str, &[&str])] = &[
    ("catga-macros", &[]),
    ("catga-core", &["catga-macros"]),
    ("catga-nats", &["catga-core"]),
    ("catga-redis", &["catga-core"]),
    ("catga", &["catga-core", "catga-nats", "catga-redis"]),
    ("catga-testkit", &["catga-core"]),
    ("catga-interleavings", &[]),
    ("catga-simulation", &["catga-core"]),
    ("catga-benches", &["catga", "catga-benches-raw"]),
    ("catga-benches-raw", &[]),
    ("distributed-cluster", &["catga"]),
    ("xtask", &[]),
];

const BROKERS: &[&str] = &["async-nats", "nats", "rdkafka", "lapin"];
const STORES: &[&str] =
    &["redis", "fred", "deadpool-redis", "sqlx", "tokio-postgres", "diesel", "rusqlite", "mongodb", "sled"];

pub(super) fn check(repo: &Repo) -> Vec<Finding> {
    repo.members().flat_map(package).chain(raw(repo)).collect()
}

fn package(manifest: &Manifest) -> Vec<Finding> {
    let Some(name) = manifest.name() else { return Vec::new() };
    let Some((_, allowed)) = ARROWS.iter().find(|(package, _)| *package == name) else {
        let what = format!("{name} has no line in ARROWS of xtask/src/tidy/arrows.rs; say what it may stand on");
        return vec![Finding::new(&manifest.path, 0, what)];
    };
    let mut findings = Vec::new();
    for (kind, for_tests) in [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)] {
        for (key, item) in manifest.dependencies(kind) {
            let other = item.get("package").and_then(|package| package.as_str()).unwrap_or(key);
            let ours = ARROWS.iter().any(|(package, _)| *package == other);
            if ours && !for_tests && !allowed.contains(&other) {
                findings.push(Finding::new(&manifest.path, 0, format!("{name} may not stand on {other}")));
            }
            if absent(name).any(|package| package == other) {
                findings.push(Finding::new(&manifest.path, 0, format!("{name} knows nothing of {other}")));
            }
        }
    }
    findings
}

/// The packages of others that this one of ours mustn't know, not even in its tests.
fn absent(name: &str) -> impl Iterator<Item = &'static str> {
    let (brokers, stores): (&[_], &[_]) = match name {
        "catga-core" | "catga-macros" | "catga" => (BROKERS, STORES),
        "catga-nats" => (&[], STORES),
        "catga-redis" => (BROKERS, &[]),
        _ => (&[], &[]),
    };
    brokers.iter().chain(stores).copied()
}

fn raw(repo: &Repo) -> impl Iterator<Item = Finding> {
    repo.sources.iter().filter(|source| is_raw(&source.path)).flat_map(|source| {
        let mut findings = Vec::new();
        source::walk(&source.all, &mut |trees, place| {
            let proc_macro2::TokenTree::Ident(ident) = &trees[place] else { return };
            if ident.to_string().to_lowercase().starts_with("catga") {
                let what = format!("a hand-written baseline imports no Catga, but names `{ident}`");
                findings.push(Finding::new(&source.path, source::line(ident.span()), what));
            }
        });
        findings
    })
}

fn is_raw(path: &str) -> bool {
    path.starts_with("benches/") && path.split('/').any(|part| part == "raw" || part == "raw.rs")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::testing::{lines, said};

    /// What is said of a member with this name and these dependencies.
    fn member(name: &str, dependencies: &str) -> Vec<String> {
        let manifest = format!("[package]\nname = \"{name}\"\n{dependencies}");
        said(check, &[("Cargo.toml", "[workspace]\nmembers = [\"a\"]"), ("a/Cargo.toml", &manifest)])
    }

    #[test]
    fn an_arrow_goes_one_way() {
        let backwards = "[dependencies]\ncatga-nats = { workspace = true }";
        assert_eq!(member("catga-core", backwards), ["a/Cargo.toml: catga-core may not stand on catga-nats"]);
        assert!(member("catga", backwards).is_empty());
    }

    #[test]
    fn another_name_hides_nothing() {
        let renamed = "[dependencies]\nharmless = { package = \"catga\", workspace = true }";
        assert_eq!(member("catga-testkit", renamed), ["a/Cargo.toml: catga-testkit may not stand on catga"]);
    }

    #[test]
    fn core_knows_no_broker_and_no_database_not_even_on_one_target() {
        for dependency in ["async-nats", "redis", "sqlx"] {
            let dependencies = format!("[target.'cfg(unix)'.dependencies]\n{dependency} = {{ workspace = true }}");
            assert_eq!(
                member("catga-core", &dependencies),
                [format!("a/Cargo.toml: catga-core knows nothing of {dependency}")]
            );
        }
    }

    #[test]
    fn a_transport_knows_no_store_and_a_store_no_transport() {
        let both =
            "[dependencies]\nasync-nats = { workspace = true }\n[dev-dependencies]\nredis = { workspace = true }";
        assert_eq!(member("catga-nats", both), ["a/Cargo.toml: catga-nats knows nothing of redis"]);
        assert_eq!(member("catga-redis", both), ["a/Cargo.toml: catga-redis knows nothing of async-nats"]);
    }

    #[test]
    fn tests_may_point_anywhere_among_ours() {
        assert!(member("catga-core", "[dev-dependencies]\ncatga-testkit = { workspace = true }").is_empty());
    }

    #[test]
    fn a_new_member_says_what_it_stands_on() {
        assert_eq!(member("newcomer", "").len(), 1);
    }

    #[test]
    fn a_baseline_names_no_catga() {
        for path in ["benches/raw/src/lib.rs", "benches/src/raw/dispatch.rs", "benches/src/raw.rs"] {
            assert_eq!(lines(check, path, "\nuse catga::prelude::*;"), [2], "{path}");
            assert_eq!(lines(check, path, "fn f(m: catga_core::Mediator) {}"), [1], "{path}");
            assert!(lines(check, path, "// Beside catga.\nfn bare() {}").is_empty(), "{path}");
        }
        assert!(lines(check, "benches/src/main.rs", "use catga::prelude::*;").is_empty());
    }
}
