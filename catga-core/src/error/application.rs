//! The errors of an application's own.

/// Makes an application's error type an [`Error`](crate::Error) with `?`: an enum, or a struct.
///
/// It writes `impl From<TheirError> for Error`. The type itself is an error already: it implements `Display` and
/// [`std::error::Error`], by hand or with a derive such as `thiserror`'s. Its `Display` is the message, its `source()` the source, and it is
/// kept whole, for [`Error::downcast_ref`](crate::Error::downcast_ref); see [the module](crate::error#the-message-and-the-source).
///
/// | option of | `#[catga(…)]` | means |
/// | --- | --- | --- |
/// | a variant, a struct | `code = NotFound` | the [`Code`](crate::Code); needed, unless the enum says one for all |
/// | a variant, a struct | `retry`, `no_retry` | whether a retry can help, where the code's own word doesn't fit |
/// | a variant, a struct | `transparent` | its only field is an error that is an [`Error`](crate::Error) with `?`: that one is taken as it is |
/// | the enum | `code`, `retry`, `no_retry` | the same for every variant that says nothing else |
/// | a field | `detail`, `detail = "name"` | its text is a [detail](crate::Error::with_detail), under the field's name or this one |
///
/// ```
/// use catga_core::{CatgaError, Code, Error, Result};
///
/// #[derive(Debug, thiserror::Error, CatgaError)]
/// enum OrderError {
///     #[error("there is no order {id}")]
///     #[catga(code = NotFound)]
///     Missing {
///         #[catga(detail = "order_id")]
///         id: u32,
///     },
///     #[error("the warehouse is closed")]
///     #[catga(code = Conflict, retry)]
///     Closed,
///     #[error(transparent)]
///     #[catga(transparent)]
///     Other(#[from] Error),
/// }
///
/// fn find(id: u32) -> Result<(), OrderError> {
///     Err(OrderError::Missing { id })
/// }
///
/// fn handle() -> Result<()> {
///     find(7)?;
///     Ok(())
/// }
///
/// let error = handle().unwrap_err();
/// assert_eq!(error.code(), Code::NotFound);
/// assert_eq!(error.message(), "there is no order 7");
/// assert_eq!(error.detail("order_id"), Some("7"));
/// assert!(matches!(error.downcast_ref(), Some(OrderError::Missing { id: 7 })));
/// assert!(Error::from(OrderError::Closed).can_retry());
/// ```
pub use catga_macros::CatgaError;

use super::Error;

/// What a `transparent` variant may hold. A trait of our own for `Into<Error>`, so that rustc says what to do instead of listing every `From`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` doesn't become a `catga::Error` with `?`",
    label = "not such an error",
    note = "`transparent` is for a `catga::Error`, for most of the standard library's errors, and for what has `#[derive(CatgaError)]`"
)]
pub trait Transparent {
    /// The error it is.
    fn into_error(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Error>> Transparent for E {
    fn into_error(self) -> Error {
        self.into()
    }
}
