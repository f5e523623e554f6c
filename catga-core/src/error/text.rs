use std::{borrow::Borrow, fmt, ops::Deref};

use serde::{Deserialize, Deserializer, Serialize, de};

/// Ends a text that was cut.
const ELLIPSIS: char = '…';

/// A text of at most `MAX` bytes: a longer one is cut and ends with `…`, also while it is decoded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub(super) struct Text<const MAX: usize>(String);

impl<const MAX: usize> Text<MAX> {
    pub(super) fn into_string(self) -> String {
        self.0
    }
}

impl<const MAX: usize> From<&str> for Text<MAX> {
    fn from(text: &str) -> Self {
        if text.len() <= MAX {
            return Self(text.to_owned());
        }
        let mut end = MAX.saturating_sub(ELLIPSIS.len_utf8());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Self(format!("{}{ELLIPSIS}", &text[..end]))
    }
}

impl<const MAX: usize> Deref for Text<MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> Borrow<str> for Text<MAX> {
    fn borrow(&self) -> &str {
        self
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Text<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<const MAX: usize>;

        impl<const MAX: usize> de::Visitor<'_> for Visitor<MAX> {
            type Value = Text<MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<MAX>, E> {
                Ok(text.into())
            }
        }

        deserializer.deserialize_str(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(&*Text::<8>::from(text), expected);
        let json = serde_json::to_string(text).unwrap();
        assert_eq!(&*serde_json::from_str::<Text<8>>(&json).unwrap(), expected, "decoded");
    }

    #[test]
    fn a_text_within_the_limit_stays() {
        check("", "");
        check("12345678", "12345678");
    }

    #[test]
    fn a_longer_text_ends_with_an_ellipsis_within_the_limit() {
        check("123456789", "12345…");
    }

    #[test]
    fn no_character_is_torn() {
        check("1234ö6789", "1234…");
    }
}
