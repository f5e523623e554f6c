//! The reasons why a codec can't carry a type, found in its description, so that they are known at start and not from garbage.

mod named;
mod positional;

use std::fmt;

use super::{Content, Definition, Description, Shape, Type};

/// A reason why a codec can't carry a type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hazard {
    /// Where: the type, with the field or the variant if it is one.
    pub at: String,
    /// Why.
    pub reason: String,
}

impl fmt::Display for Hazard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.at, self.reason)
    }
}

impl Description {
    /// Each type in the description, at any depth, with where it is.
    fn visit<'a>(&'a self, mut visit: impl FnMut(&'a Type, &str)) {
        fn visit_parts<'a>(ty: &'a Type, at: &str, visit: &mut impl FnMut(&'a Type, &str)) {
            visit(ty, at);
            for part in ty.parts() {
                visit_parts(part, at, visit);
            }
        }

        visit_parts(&self.root, "the type", &mut visit);
        for definition in &self.definitions {
            for (name, ty) in definition.parts() {
                visit_parts(ty, &path(&definition.name, name), &mut visit);
            }
        }
    }

    /// Whether a definition leads to itself over the places that `step` finds in the types of its parts.
    fn reaches(&self, place: usize, step: fn(&Type, &Shape) -> Vec<usize>) -> bool {
        let mut seen = vec![false; self.definitions.len()];
        let mut to_see = vec![place];
        while let Some(next) = to_see.pop() {
            let definition = &self.definitions[next];
            for part in definition.parts().flat_map(|(_, ty)| step(ty, &definition.shape)) {
                if part == place {
                    return true;
                }
                if !std::mem::replace(&mut seen[part], true) {
                    to_see.push(part);
                }
            }
        }
        false
    }
}

impl Definition {
    /// The types in it, each with the name of its field or variant.
    fn parts(&self) -> Box<dyn Iterator<Item = (&str, &Type)> + '_> {
        match &self.shape {
            Shape::Struct(content) => Box::new(content.parts()),
            Shape::Enum(_, variants) => Box::new(
                variants.iter().flat_map(|variant| variant.content.parts().map(|(_, ty)| (variant.name.as_str(), ty))),
            ),
        }
    }
}

impl Content {
    fn parts(&self) -> Box<dyn Iterator<Item = (&str, &Type)> + '_> {
        match self {
            Self::Unit => Box::new(std::iter::empty()),
            Self::Newtype(inner) => Box::new(std::iter::once(("", inner))),
            Self::Tuple(elements) => Box::new(elements.iter().map(|element| ("", element))),
            Self::Named(fields) => Box::new(fields.iter().map(|field| (field.name.as_str(), &field.ty))),
        }
    }
}

impl Type {
    fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Option(part) | Self::Sequence(part) | Self::Set(part) | Self::Array(part, _) => vec![part],
            Self::Map(key, value) => vec![key, value],
            Self::Tuple(elements) => elements.iter().collect(),
            _ => Vec::new(),
        }
    }
}

fn path(name: &str, part: &str) -> String {
    if part.is_empty() { name.to_owned() } else { format!("{name}.{part}") }
}
