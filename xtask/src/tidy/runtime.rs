//! In core, clock, randomness and spawning are reached only through `runtime`, so that the same code runs on a virtual clock with
//! seeded randomness.

use proc_macro2::TokenStream;

use super::{
    Finding,
    repo::Repo,
    source::{self, CodePath, is_ident, is_punct},
};

/// The one place in core that may.
const ROOM: &str = "catga-core/src/runtime/";

/// Paths that begin so.
const BEGINNINGS: &[&[&str]] = &[
    &["tokio", "time"],
    &["tokio", "spawn"],
    &["tokio", "task"],
    &["tokio", "runtime"],
    &["tokio", "*"],
    &["std", "thread"],
    &["std", "*"],
];

/// Packages that make randomness: paths into them, of at least two segments, since a variable may be called `rand`.
const PACKAGES: &[&str] = &["rand", "rand_core", "getrandom", "fastrand"];

/// Paths that end so, since a type is imported first.
const ENDS: &[&[&str]] = &[
    &["Instant", "now"],
    &["SystemTime", "now"],
    &["Uuid", "now_v7"],
    &["Uuid", "now_v1"],
    &["Uuid", "now_v6"],
    &["Uuid", "new_v4"],
    &["spawn_blocking"],
];

/// What could hide behind another name.
const NEVER_RENAMED: &[&str] = &["tokio", "std", "Instant", "SystemTime", "Uuid"];

pub(super) fn check(repo: &Repo) -> Vec<Finding> {
    let elsewhere = repo
        .sources
        .iter()
        .filter(|source| source.path.starts_with("catga-core/src/") && !source.path.starts_with(ROOM));
    elsewhere
        .flat_map(|source| {
            source::paths(&source.code)
                .into_iter()
                .filter_map(|path| Some(Finding::new(&source.path, path.line, complaint(&path)?)))
        })
        .collect()
}

fn complaint(path: &CodePath) -> Option<String> {
    let segments = path.segments.iter().map(String::as_str).collect::<Vec<_>>();
    let name = segments.join("::");
    if segments.last() == Some(&"select") && path.call.as_ref().is_some_and(|call| !is_biased(call)) {
        return Some(format!("`{name}!` chooses at random; begin it with `biased;`"));
    }
    if segments.starts_with(&["tokio", "sync", "watch"]) {
        return Some(format!("`{name}` wakes who waits in a random order; use a `Mutex` and a `Notify`"));
    }
    let banned = BEGINNINGS.iter().any(|beginning| segments.starts_with(beginning))
        || (segments.len() > 1 && PACKAGES.contains(&segments[0]))
        || ENDS.iter().any(|end| segments.ends_with(end));
    if banned {
        return Some(format!("`{name}` is reached only through core's `runtime`; use or extend `{ROOM}`"));
    }
    let hidden = path.renamed && segments.last().is_some_and(|last| NEVER_RENAMED.contains(last));
    hidden.then(|| format!("`{name}` hides behind another name what only core's `runtime` may reach; use its own name"))
}

fn is_biased(call: &TokenStream) -> bool {
    let start = call.clone().into_iter().take(2).collect::<Vec<_>>();
    matches!(start.as_slice(), [word, end] if is_ident(word, "biased") && is_punct(end, ';'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::testing::lines;

    const ELSEWHERE: &str = "catga-core/src/node/mod.rs";

    #[test]
    fn clock_randomness_and_spawning_are_found_however_they_are_written() {
        for bad in [
            "use tokio::time::sleep;",
            "use tokio::{sync::Mutex, time};",
            "use tokio::*;",
            "use tokio as t;",
            "fn f() { ::tokio::spawn(g()); }",
            "fn f() { tokio::task::spawn_blocking(g); }",
            "fn f() { handle.spawn_blocking(g); }",
            "use std::time::Instant; fn f() { Instant::now(); }",
            "use std::time::SystemTime as Clock;",
            "fn f() { std::time::SystemTime::now(); }",
            "fn f() { uuid::Uuid::now_v7(); }",
            "fn f() { Id(Uuid::new_v4()) }",
            "use rand::Rng;",
            "fn f() { getrandom::fill(&mut bytes); }",
            "use std::{sync::Arc, thread};",
            "macro_rules! m { () => { tokio::spawn(x) } }",
        ] {
            assert_eq!(lines(check, ELSEWHERE, bad), [1], "{bad}");
        }
    }

    #[test]
    fn a_select_is_biased() {
        let random = "async fn f() {\n    tokio::select! { a = b() => {} }\n}";
        assert_eq!(lines(check, ELSEWHERE, random), [2]);
        assert_eq!(lines(check, ELSEWHERE, &random.replace("tokio::", "")), [2]);
        assert!(lines(check, ELSEWHERE, &random.replace("{ a", "{ biased; a")).is_empty());
    }

    #[test]
    fn what_wakes_in_a_random_order_is_found() {
        assert_eq!(lines(check, ELSEWHERE, "use tokio::sync::{Mutex, watch};"), [1]);
        assert_eq!(lines(check, ELSEWHERE, "fn f(gate: tokio::sync::watch::Sender<bool>) {}"), [1]);
    }

    #[test]
    fn what_only_looks_like_it_is_left_alone() {
        for good in [
            "/// `tokio::time::sleep`\nfn f() {}",
            "// std::thread::spawn\nconst S: &str = \"tokio::spawn\";",
            "use tokio::sync::{Mutex, oneshot};",
            "use std::time::{Duration, Instant}; fn f(at: Instant) { crate::runtime::now(); }",
            "fn f(time: u64, rand: u8) { self.spawn(g()); }",
            "#[cfg(test)] mod tests { use tokio::time::sleep; }",
            "fn f() { rows.select(x); }",
        ] {
            assert!(lines(check, ELSEWHERE, good).is_empty(), "{good}");
        }
    }

    #[test]
    fn the_runtime_itself_and_other_packages_may() {
        for path in ["catga-core/src/runtime/tokio.rs", "catga-core/tests/node.rs", "examples/quickstart.rs"] {
            assert!(lines(check, path, "use tokio::time;").is_empty(), "{path}");
        }
    }
}
