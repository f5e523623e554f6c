use std::any::type_name;

use crate::error::{Error, Result};

/// A message as a handler gets it: its own, or borrowed where others need it too, or where the handler may run again.
#[derive(Debug)]
pub enum Given<'a, M> {
    /// The handler's own.
    Owned(M),
    /// Somebody else's.
    Borrowed(&'a M),
}

impl<M> AsRef<M> for Given<'_, M> {
    #[inline(always)]
    fn as_ref(&self) -> &M {
        match self {
            Self::Owned(message) => message,
            Self::Borrowed(message) => message,
        }
    }
}

/// How a handler that takes its message by value makes a given one its own.
///
/// Two ways of the same name: this one, inherent, for messages that are `Clone`, and [`OrOnce`]'s for the others. What the macro writes
/// calls `Own::<M>::NEW.own(given)`, and the compiler picks.
pub struct Own<M>(std::marker::PhantomData<fn(M)>);

impl<M> Own<M> {
    /// The way for `M`.
    pub const NEW: Self = Self(std::marker::PhantomData);
}

impl<M: Clone> Own<M> {
    /// The message, cloned where it is somebody else's.
    #[inline(always)]
    #[expect(clippy::missing_errors_doc, reason = "it never fails; `OrOnce::own` may")]
    pub fn own(&self, given: Given<'_, M>) -> Result<M> {
        Ok(match given {
            Given::Owned(message) => message,
            Given::Borrowed(message) => message.clone(),
        })
    }

    /// Whether a handler that takes `M` by value may run again in this process.
    pub const AGAIN: bool = true;
}

/// [`Own`] for messages that can't be cloned.
pub trait OrOnce<M> {
    /// Whether a handler that takes `M` by value may run again in this process.
    const AGAIN: bool = false;

    /// The message, if it is the handler's own.
    ///
    /// # Errors
    ///
    /// It is somebody else's. The checks at compile time leave no way here.
    fn own(&self, given: Given<'_, M>) -> Result<M>;
}

impl<M> OrOnce<M> for Own<M> {
    #[inline(always)]
    fn own(&self, given: Given<'_, M>) -> Result<M> {
        match given {
            Given::Owned(message) => Ok(message),
            Given::Borrowed(_) => Err(runs_twice(type_name::<M>())),
        }
    }
}

#[cold]
fn runs_twice(message: &str) -> Error {
    Error::internal(format!("`{message}` is taken by value and isn't `Clone`, so its handler can't run twice"))
}
