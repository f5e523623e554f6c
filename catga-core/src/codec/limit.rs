use std::fmt;

use crate::error::{Error, Result};

/// How deep a decoded body may nest: lists, maps and structs within each other.
pub const MAX_DEPTH: usize = 128;

/// How many bytes a body may have, on the way out and on the way in.
///
/// 1 MiB unless something else is said; 16 MiB at most. A broker has a limit of its own (NATS: 1 MiB for headers and body together, unless
/// configured), which its transport checks.
///
/// ```
/// use catga_core::codec::BodyLimit;
///
/// assert_eq!(BodyLimit::default().bytes(), 1024 * 1024);
/// assert_eq!(BodyLimit::new(1000)?.to_string(), "1000 bytes");
/// assert!(BodyLimit::new(0).is_err());
/// assert!(BodyLimit::new(BodyLimit::MAX.bytes() + 1).is_err());
/// # Ok::<(), catga_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BodyLimit(usize);

impl BodyLimit {
    /// The largest limit: 16 MiB.
    pub const MAX: Self = Self(16 * 1024 * 1024);

    pub(crate) const KIB_64: Self = Self(64 * 1024);
    pub(crate) const KIB_512: Self = Self(512 * 1024);

    /// A limit of so many bytes.
    ///
    /// # Errors
    ///
    /// [`Code::Validation`](crate::Code::Validation) for 0 and beyond [`MAX`](Self::MAX).
    pub fn new(bytes: usize) -> Result<Self> {
        if (1..=Self::MAX.0).contains(&bytes) {
            return Ok(Self(bytes));
        }
        Err(Error::validation(format!("a body's limit is from 1 byte to {}, not {bytes}", Self::MAX)))
    }

    /// The number of bytes.
    pub const fn bytes(self) -> usize {
        self.0
    }
}

impl Default for BodyLimit {
    fn default() -> Self {
        Self(1024 * 1024)
    }
}

impl fmt::Display for BodyLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0)
    }
}
