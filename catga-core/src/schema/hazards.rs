use std::fmt;

use super::{Content, Description, Shape, Tagging, Type};

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
    /// The reasons why a positional codec (bincode) can't carry this type; none if it can.
    ///
    /// They are: serde attributes that leave fields out or need names to decode (`flatten`, `skip_serializing_if`, `skip_serializing` or
    /// `skip_deserializing` alone, `serialize_with` or `deserialize_with` alone, `untagged`, `tag`, a skipped variant before others), values of whatever type, types that
    /// contain themselves (hostile bytes could nest them without end), and sequences of values that take no bytes (hostile bytes
    /// could claim any number of them).
    pub fn positional_hazards(&self) -> Vec<Hazard> {
        let mut hazards = Vec::new();
        self.check_type(&self.root, "the type", &mut hazards);
        for (place, definition) in self.definitions.iter().enumerate() {
            for positional in &definition.attributes {
                let at = path(&definition.name, positional.at);
                hazards.push(Hazard { at, reason: format!("has `#[serde({})]`", positional.attribute) });
            }
            if self.reaches(place, |ty, _| ty.defined()) {
                hazards.push(Hazard { at: definition.name.clone(), reason: "contains itself".to_owned() });
            }
            for (name, ty) in definition.parts() {
                self.check_type(ty, &path(&definition.name, name), &mut hazards);
            }
        }
        hazards
    }

    /// The reasons why a codec with names (MessagePack, JSON) can't carry this type; none if it can.
    ///
    /// There is one: a type that contains itself with nothing between that is written, such as `struct A(Option<Box<A>>)`. Decoding it would
    /// never end.
    pub fn named_hazards(&self) -> Vec<Hazard> {
        let endless = (0..self.definitions.len()).filter(|&place| self.reaches(place, Type::unwritten));
        endless
            .map(|place| Hazard {
                at: self.definitions[place].name.clone(),
                reason: "contains itself with nothing between that is written".to_owned(),
            })
            .collect()
    }

    fn check_type(&self, ty: &Type, at: &str, hazards: &mut Vec<Hazard>) {
        let mut add = |reason: &str| hazards.push(Hazard { at: at.to_owned(), reason: reason.to_owned() });
        match ty {
            Type::Any => add("may hold a value of any type"),
            Type::Sequence(element) | Type::Set(element) if self.takes_no_bytes(element, 0) => {
                add("is a sequence of values that take no bytes");
            }
            Type::Map(key, value) if self.takes_no_bytes(key, 0) && self.takes_no_bytes(value, 0) => {
                add("is a map of values that take no bytes");
            }
            _ => {}
        }
        for part in ty.parts() {
            self.check_type(part, at, hazards);
        }
    }

    fn takes_no_bytes(&self, ty: &Type, depth: usize) -> bool {
        // A chain of definitions longer than there are definitions goes in circles; those are a hazard of their own.
        if depth > self.definitions.len() {
            return false;
        }
        match ty {
            Type::Unit => true,
            Type::Tuple(elements) => elements.iter().all(|element| self.takes_no_bytes(element, depth)),
            Type::Array(element, length) => *length == 0 || self.takes_no_bytes(element, depth),
            Type::Defined(place) => match &self.definitions[*place].shape {
                Shape::Struct(content) => content.parts().all(|(_, part)| self.takes_no_bytes(part, depth + 1)),
                Shape::Enum(..) => false,
            },
            _ => false,
        }
    }

    /// Whether a definition leads to itself over the types that `step` finds in the types of its parts.
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

impl super::Definition {
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
    fn parts(&self) -> Vec<&Type> {
        match self {
            Self::Option(part) | Self::Sequence(part) | Self::Set(part) | Self::Array(part, _) => vec![part],
            Self::Map(key, value) => vec![key, value],
            Self::Tuple(elements) => elements.iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The places of the structs and enums in it that are written without anything around them.
    fn unwritten(&self, within: &Shape) -> Vec<usize> {
        match (within, self) {
            (Shape::Struct(Content::Newtype(_)) | Shape::Enum(Tagging::Untagged, _), Self::Defined(place)) => {
                vec![*place]
            }
            (_, Self::Option(some)) => some.unwritten(within),
            _ => Vec::new(),
        }
    }

    /// The places of the structs and enums in it.
    fn defined(&self) -> Vec<usize> {
        match self {
            Self::Defined(place) => vec![*place],
            _ => self.parts().into_iter().flat_map(Self::defined).collect(),
        }
    }
}

fn path(name: &str, part: &str) -> String {
    if part.is_empty() { name.to_owned() } else { format!("{name}.{part}") }
}
