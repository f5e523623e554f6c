//! A relative link in a Markdown file leads somewhere.

use pulldown_cmark::{Event, Options, Parser, Tag};

use super::{Finding, repo::Repo};

pub(super) fn check(repo: &Repo) -> Vec<Finding> {
    repo.texts(".md").flat_map(|(path, text)| page(repo, path, text)).collect()
}

fn page(repo: &Repo, path: &str, text: &str) -> Vec<Finding> {
    let events = Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES).into_offset_iter();
    events
        .filter_map(|(event, range)| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some((dest_url, range)),
            _ => None,
        })
        .filter(|(target, _)| !leads_out(target) && !resolve(path, target).is_some_and(|file| repo.has(&file)))
        .map(|(target, range)| {
            let line = text[..range.start].matches('\n').count() + 1;
            Finding::new(path, line, format!("the link to `{target}` leads nowhere"))
        })
        .collect()
}

/// To another site, or to a place on the same page.
fn leads_out(target: &str) -> bool {
    target.starts_with('#') || target.contains("://") || target.starts_with("mailto:")
}

/// The path from the root to what a page links to; `None` above the root.
fn resolve(page: &str, target: &str) -> Option<String> {
    let target = target.split(['#', '?']).next()?;
    let mut folders = page.split('/').collect::<Vec<_>>();
    folders.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                folders.pop()?;
            }
            name => folders.push(name),
        }
    }
    Some(folders.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::testing::said;

    fn links(text: &str) -> Vec<String> {
        said(check, &[("docs/page.md", text), ("docs/wire.md", ""), ("LICENSE", ""), ("src/a/b.rs", "")])
    }

    #[test]
    fn a_link_that_leads_nowhere_is_found_with_its_line() {
        assert_eq!(links("Text.\n\n[a](gone.md)"), ["docs/page.md:3: the link to `gone.md` leads nowhere"]);
        for bad in ["[a](../../LICENSE)", "[a][x]\n\n[x]: gone.md", "![a](gone.png)", "[a](LICENSE)"] {
            assert_eq!(links(bad).len(), 1, "{bad}");
        }
    }

    #[test]
    fn links_that_lead_somewhere_are_fine() {
        let good = "[a](wire.md) [b](wire.md#part) [c](../LICENSE) [d](../src/a/) [e](../) [f](#here) [g](https://example.org/x) \
                    <https://example.org>\n\n[h][x]\n\n[x]: ./wire.md \"title\"";
        assert!(links(good).is_empty(), "{:?}", links(good));
    }

    #[test]
    fn code_holds_no_links() {
        assert!(links("`[a](gone.md)`\n\n```rust\n#[handler](x)\nlet a = b[c](d);\n```\n").is_empty());
    }
}
