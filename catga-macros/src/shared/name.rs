//! Names that travel: of messages, handlers and roles. Each may become a token of a NATS subject.

use syn::{Ident, LitStr, ext::IdentExt};

use super::Mistakes;

/// How many bytes a name may have.
const MAX_LENGTH: usize = 100;

/// The name that was written, or else the identifier's own; `option` is how another one is given, for an identifier that can't serve.
pub(crate) fn written_or_own(written: Option<&LitStr>, own: &Ident, option: &str, mistakes: &mut Mistakes) -> String {
    if let Some(written) = written {
        return self::written(written, mistakes);
    }
    let name = own.unraw().to_string();
    if let Some(fault) = fault(&name) {
        mistakes.add(own, format!("{fault}: give it another one, with `{option}`"));
    }
    name
}

/// A name that was written.
pub(crate) fn written(written: &LitStr, mistakes: &mut Mistakes) -> String {
    let name = written.value();
    if let Some(fault) = fault(&name) {
        mistakes.add(written, fault);
    }
    name
}

/// Why this can't be a name, if it can't.
fn fault(name: &str) -> Option<String> {
    let wrong = |character: &char| !(character.is_ascii_alphanumeric() || matches!(character, '_' | '-'));
    if name.is_empty() {
        Some("a name can't be empty".to_owned())
    } else if let Some(wrong) = name.chars().find(wrong) {
        Some(format!("a name has only the characters `A-Z`, `a-z`, `0-9`, `_` and `-`, not {wrong:?}"))
    } else if name.len() > MAX_LENGTH {
        Some(format!("a name has at most {MAX_LENGTH} characters, not {}", name.len()))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_token_of_a_subject() {
        for good in ["CreateOrder", "create_order", "a", "9-x", &"n".repeat(MAX_LENGTH)] {
            assert_eq!(fault(good), None, "{good}");
        }
        for bad in ["", "orders.create", "a b", "a*", ">", "größe", "a\n", "$x", &"n".repeat(MAX_LENGTH + 1)] {
            assert!(fault(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_raw_identifier_is_named_without_its_mark() {
        let mut mistakes = Mistakes::default();
        let name = written_or_own(None, &syn::parse_quote!(r#move), "", &mut mistakes);
        assert_eq!((name.as_str(), mistakes.none().is_ok()), ("move", true));
    }
}
