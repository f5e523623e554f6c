//! No excuses: no test is ignored, nothing is left to do, and a lint is silenced only with its reason. Tests are read too.

use proc_macro2::TokenTree;

use super::{
    Finding,
    repo::Repo,
    source::{self, Source, is_ident, is_punct, names},
};

pub(super) fn check(repo: &Repo) -> Vec<Finding> {
    repo.sources.iter().flat_map(|source| macros(source).chain(attributes(source))).collect()
}

fn macros(source: &Source) -> impl Iterator<Item = Finding> {
    source::paths(&source.all).into_iter().filter_map(|path| {
        let name =
            path.segments.last().filter(|name| path.call.is_some() && (*name == "todo" || *name == "unimplemented"))?;
        Some(Finding::new(&source.path, path.line, format!("`{name}!` is left; write it, or return an error")))
    })
}

fn attributes(source: &Source) -> impl Iterator<Item = Finding> {
    source::attributes(&source.all).into_iter().flat_map(move |(attribute, line)| {
        complaints(&attribute).into_iter().map(move |what| Finding::new(&source.path, line, what))
    })
}

fn complaints(attribute: &[TokenTree]) -> Vec<&'static str> {
    let mut found = Vec::new();
    match attribute {
        [TokenTree::Ident(name), TokenTree::Group(condition)] if name == "cfg_attr" => {
            // What follows the first comma is an attribute, or several.
            let inner = condition.stream().into_iter().collect::<Vec<_>>();
            for attribute in inner.split(|tree| is_punct(tree, ',')).skip(1) {
                found.extend(complaints(attribute));
            }
        }
        [name, ..] if is_ident(name, "ignore") => found.push("an ignored test proves nothing; run it, or delete it"),
        [TokenTree::Ident(name), TokenTree::Group(lints)]
            if (name == "allow" || name == "expect")
                && !names(&lints.stream().into_iter().collect::<Vec<_>>(), "reason") =>
        {
            found.push("a lint is silenced without a reason; add `reason = \"…\"`");
        }
        _ => {}
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::testing::lines;

    #[test]
    fn excuses_are_found_in_tests_too() {
        for bad in [
            "#[cfg(test)] mod tests { #[test] #[ignore] fn f() {} }",
            "#[test] #[ignore = \"slow\"] fn f() {}",
            "#[cfg_attr(windows, ignore)] fn f() {}",
            "fn f() { todo!() }",
            "fn f() { std::unimplemented!(\"later\") }",
            "#[allow(dead_code)] fn f() {}",
            "#![allow(dead_code, unused)]",
            "#[expect(clippy::unwrap_used)] fn f() {}",
            "#[cfg_attr(test, allow(dead_code))] fn f() {}",
        ] {
            assert_eq!(lines(check, "tests/a.rs", bad), [1], "{bad}");
        }
    }

    #[test]
    fn reasons_and_words_are_left_alone() {
        for good in [
            "#[expect(dead_code, reason = \"the macros name it\")] fn f() {}",
            "#[cfg_attr(test, expect(dead_code, reason = \"…\"))] fn f() {}",
            "// todo!()\n/// `#[ignore]`\nfn ignore() { f().expect(\"…\"); allow(x); }",
            "fn f() { g(\"todo!()\") }",
        ] {
            assert!(lines(check, "src/a.rs", good).is_empty(), "{good}");
        }
    }
}
