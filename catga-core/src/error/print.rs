//! How an error is printed: for people, for logs, and for `main`, which prints `{:?}`.

use std::{error::Error as StdError, fmt};

use super::Error;

/// At most so many causes are followed: a chain that somebody else made may have no end.
pub(super) const MAX_CAUSES: usize = 8;

impl Error {
    /// The message and those of its causes (the first 8) on one line, for logs.
    ///
    /// ```
    /// use catga_core::Error;
    ///
    /// let error = Error::unavailable("the bank doesn't answer").with_source(Error::internal("connection reset"));
    /// assert_eq!(error.chain().to_string(), "the bank doesn't answer: connection reset");
    /// ```
    pub fn chain(&self) -> impl fmt::Display {
        Chain(self)
    }

    /// What is beneath this error, nearest first.
    pub(super) fn causes(&self) -> impl Iterator<Item = &(dyn StdError + 'static)> {
        std::iter::successors(self.source(), |&cause| cause.source()).take(MAX_CAUSES)
    }
}

struct Chain<'a>(&'a Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_line(f, self.0.message())?;
        self.0.causes().try_for_each(|cause| {
            f.write_str(": ")?;
            write_line(f, &cause.to_string())
        })
    }
}

/// The message.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.message())
    }
}

/// `{:?}` reads as `unavailable: the bank doesn't answer {"bank": "7"}`, then a line `caused by: …` for each cause; `{:#?}` is a structure.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return f
                .debug_struct("Error")
                .field("code", &self.code())
                .field("message", &self.message())
                .field("can_retry", &self.can_retry())
                .field("details", &self.0.details)
                .field("causes", &self.causes().map(ToString::to_string).collect::<Vec<_>>())
                .finish();
        }
        write!(f, "{}: {}", self.code(), self.message())?;
        if !self.0.details.is_empty() {
            write!(f, " {:?}", self.0.details)?;
        }
        self.causes().try_for_each(|cause| write!(f, "\ncaused by: {cause}"))
    }
}

/// The text with its lines joined.
fn write_line(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let mut gap = "";
    text.lines().map(str::trim).try_for_each(|line| write!(f, "{}{line}", std::mem::replace(&mut gap, " ")))
}
