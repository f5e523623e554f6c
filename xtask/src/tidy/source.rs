//! A Rust source as tokens: comments, docs and strings can't be mistaken for code.
//!
//! What is a test? An item under `#[cfg(test)]` (also `all(test, …)`, not `not(test)`) or `#[test]`, a file called `tests.rs`, and
//! everything in a folder `tests`.

use std::{collections::BTreeSet, str::FromStr};

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};

/// One Rust file.
pub(super) struct Source {
    pub(super) path: String,
    pub(super) text: String,
    /// Everything that is written, tests too.
    pub(super) all: Vec<TokenTree>,
    /// The same without tests.
    pub(super) code: Vec<TokenTree>,
}

/// A path as code writes it, `use` groups expanded: `use tokio::{sync, time::sleep}` holds `tokio::sync` and `tokio::time::sleep`.
#[derive(Debug)]
pub(super) struct CodePath {
    /// A glob is the segment `*`.
    pub(super) segments: Vec<String>,
    pub(super) line: usize,
    /// Whether ` as …` follows.
    pub(super) renamed: bool,
    /// Where a macro is called (`…!(…)`): what it was given.
    pub(super) call: Option<TokenStream>,
}

impl Source {
    pub(super) fn parse(path: &str, text: &str) -> Result<Self, String> {
        let stream = TokenStream::from_str(text)
            .map_err(|cause| format!("{path}:{}: isn't Rust: {cause}", cause.span().start().line))?;
        let code = if is_test_file(path) { Vec::new() } else { without_tests(stream.clone()) };
        Ok(Self { path: path.to_owned(), text: text.to_owned(), all: stream.into_iter().collect(), code })
    }

    /// How many lines hold code: neither blank, nor comment, nor docs, nor tests.
    pub(super) fn code_lines(&self) -> usize {
        let mut lines = BTreeSet::new();
        count_lines(&self.code, &mut lines);
        lines.len()
    }
}

fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.split('/').any(|folder| folder == "tests")
}

/// The line on which this begins, counted from 1.
pub(super) fn line(span: Span) -> usize {
    span.start().line
}

/// The token trees of this stream and, before its next neighbour, those inside each group: as one reads them.
pub(super) fn walk(trees: &[TokenTree], visit: &mut impl FnMut(&[TokenTree], usize)) {
    for (place, tree) in trees.iter().enumerate() {
        visit(trees, place);
        if let TokenTree::Group(group) = tree {
            walk(&group.stream().into_iter().collect::<Vec<_>>(), visit);
        }
    }
}

/// The attributes in these tokens, as the group in `#[…]` or `#![…]` and the line of its start.
pub(super) fn attributes(trees: &[TokenTree]) -> Vec<(Vec<TokenTree>, usize)> {
    let mut found = Vec::new();
    walk(trees, &mut |trees, place| {
        if let Some((group, _)) = attribute(&trees[place..]) {
            found.push((group.stream().into_iter().collect(), line(trees[place].span())));
        }
    });
    found
}

/// The attribute that these tokens begin with, and how many tokens it is.
fn attribute(trees: &[TokenTree]) -> Option<(&Group, usize)> {
    match trees {
        [hash, TokenTree::Group(group), ..] if is_punct(hash, '#') && group.delimiter() == Delimiter::Bracket => {
            Some((group, 2))
        }
        [hash, bang, TokenTree::Group(group), ..]
            if is_punct(hash, '#') && is_punct(bang, '!') && group.delimiter() == Delimiter::Bracket =>
        {
            Some((group, 3))
        }
        _ => None,
    }
}

pub(super) fn is_punct(tree: &TokenTree, wanted: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

pub(super) fn is_ident(tree: &TokenTree, wanted: &str) -> bool {
    matches!(tree, TokenTree::Ident(ident) if ident == wanted)
}

/// Whether this identifier stands anywhere in these tokens, at any depth.
pub(super) fn names(trees: &[TokenTree], wanted: &str) -> bool {
    let mut found = false;
    walk(trees, &mut |trees, place| found |= is_ident(&trees[place], wanted));
    found
}

fn without_tests(stream: TokenStream) -> Vec<TokenTree> {
    let trees = stream.into_iter().collect::<Vec<_>>();
    let mut kept = Vec::new();
    let mut place = 0;
    while let Some(tree) = trees.get(place) {
        match attribute(&trees[place..]) {
            Some((group, length)) if marks_a_test(group) => {
                let inner = length == 3;
                let rest = &trees[place + length..];
                let end = rest.iter().position(ends_an_item).map_or(rest.len(), |end| end + 1);
                place += length + if inner { rest.len() } else { end };
            }
            Some((group, length)) if is_doc(group) => place += length,
            _ => {
                kept.push(match tree {
                    TokenTree::Group(group) => TokenTree::Group(within(group)),
                    other => other.clone(),
                });
                place += 1;
            }
        }
    }
    kept
}

/// The same group without the tests in it; it keeps its place in the file.
fn within(group: &Group) -> Group {
    let mut kept = Group::new(group.delimiter(), without_tests(group.stream()).into_iter().collect());
    kept.set_span(group.span());
    kept
}

fn ends_an_item(tree: &TokenTree) -> bool {
    is_punct(tree, ';') || matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

fn marks_a_test(group: &Group) -> bool {
    let trees = group.stream().into_iter().collect::<Vec<_>>();
    match trees.as_slice() {
        [only] => is_ident(only, "test"),
        [cfg, TokenTree::Group(condition)] => {
            let condition = condition.stream().into_iter().collect::<Vec<_>>();
            is_ident(cfg, "cfg") && names(&condition, "test") && !names(&condition, "not") && !names(&condition, "any")
        }
        _ => false,
    }
}

/// A doc comment, or `#[doc = "…"]`.
fn is_doc(group: &Group) -> bool {
    let trees = group.stream().into_iter().collect::<Vec<_>>();
    matches!(trees.as_slice(), [doc, equals, TokenTree::Literal(_)] if is_ident(doc, "doc") && is_punct(equals, '='))
}

fn count_lines(trees: &[TokenTree], lines: &mut BTreeSet<usize>) {
    for tree in trees {
        match tree {
            TokenTree::Group(group) => {
                lines.insert(line(group.span_open()));
                lines.insert(group.span_close().end().line);
                count_lines(&group.stream().into_iter().collect::<Vec<_>>(), lines);
            }
            other => lines.extend(other.span().start().line..=other.span().end().line),
        }
    }
}

/// The paths in these tokens, at any depth.
pub(super) fn paths(trees: &[TokenTree]) -> Vec<CodePath> {
    let mut found = Vec::new();
    collect_paths(&[], trees, &mut found);
    found
}

fn collect_paths(prefix: &[String], trees: &[TokenTree], found: &mut Vec<CodePath>) {
    let mut place = 0;
    while place < trees.len() {
        place += match &trees[place] {
            TokenTree::Ident(_) => collect_path(prefix, &trees[place..], found),
            TokenTree::Punct(punct) if punct.as_char() == '*' && !prefix.is_empty() => {
                found.push(path(prefix, "*", &trees[place]));
                1
            }
            TokenTree::Group(group) => {
                // `prefix` goes on into the groups of a `use` only, which `collect_path` opens itself.
                collect_paths(&[], &group.stream().into_iter().collect::<Vec<_>>(), found);
                1
            }
            _ => 1,
        };
    }
}

/// Collects the path that begins with this identifier, and says how many tokens it was.
fn collect_path(prefix: &[String], trees: &[TokenTree], found: &mut Vec<CodePath>) -> usize {
    let mut segments = prefix.to_vec();
    let mut place = 0;
    let start = &trees[0];
    while let Some(TokenTree::Ident(ident)) = trees.get(place) {
        segments.push(ident.to_string().trim_start_matches("r#").to_owned());
        place += 1;
        let separated = matches!(trees.get(place..place + 2), Some([first, second]) if is_punct(first, ':') && is_punct(second, ':'));
        if !separated {
            break;
        }
        match trees.get(place + 2) {
            Some(TokenTree::Ident(_)) => place += 2,
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                collect_paths(&segments, &group.stream().into_iter().collect::<Vec<_>>(), found);
                return place + 3;
            }
            Some(star) if is_punct(star, '*') => {
                found.push(path(&segments, "*", start));
                return place + 3;
            }
            _ => break,
        }
    }
    let call = match trees.get(place..) {
        Some([bang, TokenTree::Group(group), ..]) if is_punct(bang, '!') => Some(group.stream()),
        _ => None,
    };
    let renamed = trees.get(place).is_some_and(|tree| is_ident(tree, "as"));
    if segments.len() > 1 && segments.last().is_some_and(|last| last == "self") {
        segments.pop();
    }
    found.push(CodePath { segments, line: line(start.span()), renamed, call });
    // The new name within a group isn't a path; a type after `as` elsewhere may be one.
    if renamed && !prefix.is_empty() { place + 2 } else { place }
}

fn path(prefix: &[String], last: &str, start: &TokenTree) -> CodePath {
    let segments = prefix.iter().cloned().chain([last.to_owned()]).collect();
    CodePath { segments, line: line(start.span()), renamed: false, call: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Source {
        Source::parse("src/lib.rs", text).expect("it is Rust")
    }

    fn written(text: &str) -> Vec<String> {
        paths(&code(text).code)
            .into_iter()
            .map(|path| path.segments.join("::"))
            .filter(|path| path.contains("::"))
            .collect()
    }

    #[test]
    fn a_group_of_uses_is_expanded_at_any_depth() {
        assert_eq!(
            written("use a::{b, c::{self, d as e, *}}; fn f() { x::y(z::w::<T>()) }"),
            ["a::b", "a::c", "a::c::d", "a::c::*", "x::y", "z::w"]
        );
    }

    #[test]
    fn comments_docs_and_strings_name_nothing() {
        assert!(written("/// a::b\n//! c::d\n// e::f\n/* g::h */ const S: &str = \"i::j\";").is_empty());
    }

    #[test]
    fn tests_are_not_code() {
        for test in [
            "#[cfg(test)] mod tests { fn f() { a::b() } }",
            "#[cfg(all(test, feature = \"x\"))] mod tests { fn f() { a::b() } }",
            "#[cfg(test)] use a::b;",
            "#[test] fn f() { a::b() }",
            "mod inner { #![cfg(test)] use a::b; }",
        ] {
            assert!(written(test).is_empty(), "{test}");
        }
        assert_eq!(written("#[cfg(test)] mod tests { } fn f() { a::b() }"), ["a::b"]);
        assert_eq!(written("#[cfg(not(test))] fn f() { a::b() }"), ["a::b"]);
        assert!(Source::parse("x/src/y/tests.rs", "use a::b;").expect("it is Rust").code.is_empty());
        assert!(Source::parse("x/tests/y.rs", "use a::b;").expect("it is Rust").code.is_empty());
    }

    #[test]
    fn only_lines_of_code_are_counted() {
        let text = "//! Docs.\n\n/// More.\nfn f() {\n    // Why.\n    g(\n        1,\n    );\n}\n\n#[cfg(test)]\nmod tests {\n    fn t() {}\n}\n";
        assert_eq!(code(text).code_lines(), 5);
    }

    #[test]
    fn what_is_not_rust_is_refused_with_its_line() {
        let refused = Source::parse("src/a.rs", "fn f() {\n)").err().expect("refused");
        assert!(refused.starts_with("src/a.rs:2: isn't Rust"), "{refused}");
    }
}
