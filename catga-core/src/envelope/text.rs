use std::{fmt, ops::Deref, sync::Arc};

use crate::error::{Error, Result};

/// A header's value: Unicode text on one line, not blank, at most 1024 bytes; cheap to clone.
///
/// Control characters, and white space at either end, are refused: a broker wouldn't carry them unchanged.
///
/// ```
/// use catga_core::envelope::Text;
///
/// assert_eq!(&*Text::new("Ada Žižek")?, "Ada Žižek");
/// for refused in ["", " ada", "ada\r\nCatga-Principal: root", "\u{7f}"] {
///     assert!(Text::new(refused).is_err());
/// }
/// # Ok::<(), catga_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text(Arc<str>);

impl Text {
    /// The longest text, in bytes.
    pub const MAX: usize = 1024;

    /// This text.
    ///
    /// # Errors
    ///
    /// [`Code::Validation`](crate::Code::Validation) if it is none.
    pub fn new(text: impl Into<Arc<str>>) -> Result<Self> {
        let text = text.into();
        match why_not(&text) {
            None => Ok(Self(text)),
            Some(why) => Err(Error::validation(format!("a header's value {why}"))),
        }
    }

    /// This text, which was given as a call's option of this name.
    pub(crate) fn of_option(option: &str, text: &str) -> Result<Self> {
        match why_not(text) {
            None => Ok(Self(text.into())),
            Some(why) => Err(Error::validation(format!("the option `{option}` isn't valid: it {why}"))),
        }
    }
}

/// Which rule this text breaks, if it does. Never shows the text, which may be a secret.
fn why_not(text: &str) -> Option<String> {
    if text.is_empty() || text.len() > Text::MAX {
        return Some(format!("has from 1 to {} bytes, not {}", Text::MAX, text.len()));
    }
    if text.trim().len() != text.len() || text.chars().any(char::is_control) {
        return Some("has no control characters and no white space at its ends".to_owned());
    }
    None
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
