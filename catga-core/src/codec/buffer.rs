use std::io;

use super::BodyLimit;

/// Where encoders write: a vector that may only grow so far.
pub(super) struct Buffer<'a> {
    bytes: &'a mut Vec<u8>,
    end: usize,
    is_full: bool,
}

impl<'a> Buffer<'a> {
    pub(super) fn new(bytes: &'a mut Vec<u8>, limit: BodyLimit) -> Self {
        let end = bytes.len().saturating_add(limit.bytes());
        Self { bytes, end, is_full: false }
    }

    /// Whether something was refused for its size.
    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }

    /// Adds bytes, all or none; whether they fitted.
    #[inline]
    pub(super) fn add(&mut self, bytes: &[u8]) -> bool {
        if bytes.len() > self.end - self.bytes.len() {
            self.is_full = true;
            return false;
        }
        self.bytes.extend_from_slice(bytes);
        true
    }
}

impl io::Write for Buffer<'_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.add(bytes) { Ok(bytes.len()) } else { Err(io::ErrorKind::FileTooLarge.into()) }
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write(bytes).map(|_| ())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
