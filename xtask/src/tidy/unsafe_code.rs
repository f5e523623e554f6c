//! Unsafe code lives in one module and its tests, and each use of it says why it is sound.

use proc_macro2::{Delimiter, TokenTree};

use super::{
    Finding,
    repo::Repo,
    source::{self, Source, is_ident},
};

/// The one module that may hold unsafe code.
const ROOM: &str = "catga-core/src/mediator/place.rs";
/// Its tests.
const TESTS: &str = "catga-core/src/mediator/place/tests.rs";

pub(super) fn check(repo: &Repo) -> Vec<Finding> {
    repo.sources.iter().flat_map(file).collect()
}

fn file(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    source::walk(&source.all, &mut |trees, place| {
        // Alone it is a word that a macro speaks of, as in `Token![unsafe]`, and begins nothing.
        if !is_ident(&trees[place], "unsafe") || trees.len() == 1 {
            return;
        }
        let line = source::line(trees[place].span());
        if source.path != ROOM && source.path != TESTS {
            let what = format!("unsafe code lives in {ROOM} and its tests alone; find a safe way");
            findings.push(Finding::new(&source.path, line, what));
        } else if needs_argument(trees.get(place + 1)) && !argued(&source.text, line) {
            let what = "an unsafe block without its argument; write `// SAFETY: …` above it";
            findings.push(Finding::new(&source.path, line, what));
        }
    });
    findings
}

/// A block or an `impl` claims something; an `unsafe fn` only asks for it, in its docs.
fn needs_argument(next: Option<&TokenTree>) -> bool {
    match next {
        Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
        Some(other) => is_ident(other, "impl"),
        None => false,
    }
}

/// Whether the comment right above this line begins with `SAFETY:`.
fn argued(text: &str, line: usize) -> bool {
    let lines = text.lines().take(line.saturating_sub(1)).collect::<Vec<_>>();
    lines
        .iter()
        .rev()
        .map(|line| line.trim_start())
        .take_while(|line| line.starts_with("//"))
        .any(|line| line.starts_with("// SAFETY:"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::testing::lines;

    #[test]
    fn unsafe_code_elsewhere_is_found_also_in_tests() {
        for bad in [
            "fn f() { unsafe { g() } }",
            "unsafe impl Send for X {}",
            "#[unsafe(no_mangle)] fn f() {}",
            "#[cfg(test)] mod tests { fn f() { unsafe { g() } } }",
        ] {
            assert_eq!(lines(check, "catga-core/src/node/mod.rs", bad), [1], "{bad}");
            assert_eq!(lines(check, "catga-core/src/mediator/tests.rs", bad), [1], "{bad}");
        }
        assert!(lines(check, "src/lib.rs", "#![forbid(unsafe_code)] // unsafe {}").is_empty());
    }

    #[test]
    fn what_a_macro_writes_counts_and_what_it_reads_does_not() {
        assert_eq!(lines(check, "catga-macros/src/lib.rs", "fn f() { quote!(unsafe { g() }) }"), [1]);
        assert!(lines(check, "catga-macros/src/lib.rs", "fn f() { input.peek(Token![unsafe]) }").is_empty());
    }

    #[test]
    fn each_block_in_the_room_says_why_it_is_sound() {
        assert_eq!(lines(check, ROOM, "fn f() {\n    // Quick.\n    unsafe { g() }\n}"), [3]);
        assert_eq!(lines(check, ROOM, "// SAFETY: far away.\n\nunsafe impl Send for X {}"), [3]);
        let good = "fn f() {\n    // SAFETY: `g` asks for nothing\n    // that we don't hold.\n    unsafe { g() }\n}\n/// # Safety\nunsafe fn h() {}";
        assert!(lines(check, ROOM, good).is_empty());
    }

    #[test]
    fn the_tests_of_the_room_argue_as_the_room_does() {
        assert!(
            lines(check, TESTS, "fn f() {\n    // SAFETY: `g` asks for nothing.\n    unsafe { g() }\n}").is_empty()
        );
        assert_eq!(lines(check, TESTS, "fn f() {\n    unsafe { g() }\n}"), [2]);
    }
}
