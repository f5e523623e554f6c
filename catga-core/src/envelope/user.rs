use super::Text;
use crate::error::{Code, Error, Result};

/// An application's own headers, which Catga carries and doesn't read.
///
/// Names are tokens as HTTP has them (RFC 9110: letters, digits and `!#$%&'*+-.^_`, `` ` ``, `|`, `~`), kept in lowercase. Limits: 32 headers, 64
/// bytes a name, 1024 bytes a value, 8 KiB in all.
///
/// ```
/// use catga_core::envelope::UserHeaders;
///
/// let mut headers = UserHeaders::default();
/// headers.set("Tenant", "blue")?;
/// assert_eq!(headers.get("tenant"), Some("blue"));
/// assert!(headers.set("two words", "x").is_err());
/// # Ok::<(), catga_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserHeaders(Vec<(Box<str>, Text)>);

impl UserHeaders {
    /// How many there may be.
    pub const MAX: usize = 32;
    /// The longest name, in bytes.
    pub const MAX_NAME: usize = 64;
    /// The most that names and values may take, in bytes.
    pub const MAX_BYTES: usize = 8 * 1024;

    pub(super) const fn none() -> Self {
        Self(Vec::new())
    }

    /// Sets a header; one that was there gets the new value.
    ///
    /// # Errors
    ///
    /// [`Code::Validation`] if the name or the value isn't allowed, [`Code::TooLarge`] beyond the limits; nothing is changed then.
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let (name, value) = (check_name(name)?, Text::new(value)?);
        let others = self.0.iter().filter(|(other, _)| *other != name);
        let (count, bytes) = others.fold((1, name.len() + value.len()), |(count, bytes), (name, value)| {
            (count + 1, bytes + name.len() + value.len())
        });
        if count > Self::MAX || bytes > Self::MAX_BYTES {
            let text = format!("there may be {} headers of {} bytes in all", Self::MAX, Self::MAX_BYTES);
            return Err(Error::new(Code::TooLarge, text));
        }
        match self.0.iter_mut().find(|(other, _)| *other == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
        Ok(())
    }

    /// The value of a header, whose name may be written in any case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }

    /// All headers, in the order in which they were first set.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }
}

fn check_name(name: &str) -> Result<Box<str>> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if (1..=UserHeaders::MAX_NAME).contains(&name.len()) && name.bytes().all(is_token) {
        return Ok(name.to_ascii_lowercase().into());
    }
    let max = UserHeaders::MAX_NAME;
    Err(Error::validation(format!("a header's name has from 1 to {max} letters, digits and !#$%&'*+-.^_`|~")))
}
