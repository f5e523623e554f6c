//! What can go wrong, as a value: a code for programs, a message for people, and whether trying again can help.

use std::borrow::Cow;

/// The result of everything that can fail in Catga.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure an [`Error`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// What was asked for isn't valid.
    Validation,
    /// A defect, or something that nobody foresaw.
    Internal,
}

/// One failure.
#[derive(Debug)]
pub struct Error {
    code: Code,
    message: Cow<'static, str>,
}

impl Error {
    /// An error of this code with a message for people.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into() }
    }

    /// What kind of failure it is.
    pub fn code(&self) -> Code {
        self.code
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
