//! The canonical text of a description. The fingerprint is taken from it, so a change here changes every fingerprint.

use std::fmt::{self, Display, Formatter, Write};

use super::{Content, Definition, Description, Field, Shape, Tagging, Type, Variant};

impl Display for Description {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.root)?;
        for (place, definition) in self.definitions.iter().enumerate() {
            writeln!(f, "#{place} = {definition}")?;
        }
        Ok(())
    }
}

impl Display for Type {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unit => f.write_str("unit"),
            Self::Bool => f.write_str("bool"),
            Self::Signed(bits) => write!(f, "i{bits}"),
            Self::Unsigned(bits) => write!(f, "u{bits}"),
            Self::Float(bits) => write!(f, "f{bits}"),
            Self::Char => f.write_str("char"),
            Self::Text => f.write_str("text"),
            Self::Option(some) => write!(f, "{some}?"),
            Self::Sequence(element) => write!(f, "[{element}]"),
            Self::Set(element) => write!(f, "set[{element}]"),
            Self::Map(key, value) => write!(f, "map[{key}: {value}]"),
            Self::Array(element, length) => write!(f, "[{element}; {length}]"),
            Self::Tuple(elements) => write!(f, "({})", List(elements)),
            Self::Defined(place) => write!(f, "#{place}"),
            Self::Opaque(name) => write!(f, "opaque {}", Quoted(name)),
            Self::Any => f.write_str("any"),
        }
    }
}

impl Display for Definition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let name = Quoted(&self.name);
        match &self.shape {
            Shape::Struct(content) => write!(f, "struct {name}{content}"),
            Shape::Enum(tagging, variants) => write!(f, "enum {name}{tagging} {{{}}}", List(variants)),
        }
    }
}

impl Display for Content {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unit => Ok(()),
            Self::Newtype(inner) => write!(f, " = {inner}"),
            Self::Tuple(elements) => write!(f, " ({})", List(elements)),
            Self::Named(fields) => write!(f, " {{{}}}", List(fields)),
        }
    }
}

impl Display for Field {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let flattened = if self.flattened { "..." } else { "" };
        write!(f, "{flattened}{}: {}", Quoted(&self.name), self.ty)
    }
}

impl Display for Variant {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", Quoted(&self.name), self.content)
    }
}

impl Display for Tagging {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::External => Ok(()),
            Self::Internal(tag) => write!(f, " tag {}", Quoted(tag)),
            Self::Adjacent { tag, content } => write!(f, " tag {} content {}", Quoted(tag), Quoted(content)),
            Self::Untagged => f.write_str(" untagged"),
        }
    }
}

struct List<'a, T>(&'a [T]);

impl<T: Display> Display for List<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (place, item) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}{item}")?;
        }
        Ok(())
    }
}

/// A name in quotes. `Debug` would do, but what it escapes depends on Rust's version, and the fingerprint must not.
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for character in self.0.chars() {
            if matches!(character, '"' | '\\') {
                f.write_char('\\')?;
            }
            f.write_char(character)?;
        }
        f.write_char('"')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_not_pretend_to_be_structure() {
        let sly = Type::opaque("a\", \"b\\");
        assert_eq!(sly.to_string(), r#"opaque "a\", \"b\\""#);
    }
}
