/// Ends a text that was cut.
const ELLIPSIS: char = '…';

/// Cuts the text to at most `limit` bytes, the `…` at its new end included.
pub(super) fn cut(text: &mut String, limit: usize) {
    if text.len() <= limit {
        return;
    }
    let mut end = limit.saturating_sub(ELLIPSIS.len_utf8());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text.push(ELLIPSIS);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, limit: usize, expected: &str) {
        let mut text = text.to_owned();
        cut(&mut text, limit);
        assert_eq!(text, expected);
    }

    #[test]
    fn a_text_within_the_limit_stays() {
        check("", 8, "");
        check("12345678", 8, "12345678");
    }

    #[test]
    fn a_longer_text_ends_with_an_ellipsis_within_the_limit() {
        check("123456789", 8, "12345…");
    }

    #[test]
    fn no_character_is_torn() {
        check("1234ö6789", 8, "1234…");
    }
}
