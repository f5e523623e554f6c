use std::sync::Arc;

/// W3C's trace context: where a message belongs in a distributed trace.
///
/// ```
/// use catga_core::envelope::TraceContext;
///
/// let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
/// let trace = TraceContext::new(parent, Some("rojo=00f067aa0ba902b7")).unwrap();
/// assert_eq!(trace.parent(), parent);
/// assert_eq!(trace.state(), Some("rojo=00f067aa0ba902b7"));
/// assert!(TraceContext::new("nonsense", None).is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
    parent: Arc<str>,
    state: Option<Arc<str>>,
}

impl TraceContext {
    /// The longest state, in bytes; a longer one is left out, as W3C allows.
    pub const MAX_STATE: usize = 512;

    /// The context of these two headers; nothing if the parent isn't valid, in which case W3C wants a new trace to begin: a bad trace must
    /// not cost a message. A state that isn't valid is left out.
    pub fn new(parent: &str, state: Option<&str>) -> Option<Self> {
        let state = state.filter(|state| is_state(state)).map(Arc::from);
        is_parent(parent).then(|| Self { parent: parent.into(), state })
    }

    /// The value of `traceparent`.
    pub fn parent(&self) -> &str {
        &self.parent
    }

    /// The value of `tracestate`.
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }
}

/// `version-trace-parent-flags` in lowercase hexadecimal digits; a version above 0 may say more behind that.
fn is_parent(text: &str) -> bool {
    let is_hex =
        |part: &str, length| part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_set = |part: &str| part.bytes().any(|byte| byte != b'0');
    let mut parts = text.splitn(5, '-');
    let (Some(version), Some(trace), Some(parent), Some(flags)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let ends_right = match parts.next() {
        None => true,
        Some(more) => version != "00" && text.len() <= 512 && more.bytes().all(|byte| byte.is_ascii_graphic()),
    };
    is_hex(version, 2)
        && version != "ff"
        && is_hex(trace, 32)
        && is_set(trace)
        && is_hex(parent, 16)
        && is_set(parent)
        && is_hex(flags, 2)
        && ends_right
}

fn is_state(text: &str) -> bool {
    let is_printable = text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    is_printable && text.trim() == text && (1..=TraceContext::MAX_STATE).contains(&text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_recommendation_allows_is_a_parent() {
        let (trace, parent) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
        for good in [
            format!("00-{trace}-{parent}-01"),
            format!("01-{trace}-{parent}-01"),
            format!("cc-{trace}-{parent}-01-more"),
        ] {
            assert!(is_parent(&good), "{good}");
        }
        let zeros = "0".repeat(32);
        for bad in [
            String::new(),
            format!("ff-{trace}-{parent}-01"),
            format!("00-{trace}-{parent}-01-more"),
            format!("00-{trace}-{parent}"),
            format!("00-{zeros}-{parent}-01"),
            format!("00-{trace}-{}-01", &zeros[..16]),
            format!("00-{}-{parent}-01", trace.to_uppercase()),
            format!("00-{trace}-{parent}-1"),
            format!("01-{trace}-{parent}-01-\r\n"),
        ] {
            assert!(!is_parent(&bad), "{bad}");
        }
    }

    #[test]
    fn a_bad_state_is_left_out() {
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        for bad in ["", "a=b\n", " a=b", &"a".repeat(513)] {
            assert_eq!(TraceContext::new(parent, Some(bad)).unwrap().state(), None, "{bad:?}");
        }
    }
}
