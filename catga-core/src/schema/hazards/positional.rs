use super::{Hazard, path};
use crate::schema::{Description, Shape, Type};

impl Description {
    /// The reasons why a positional codec (bincode) can't carry this type; none if it can.
    ///
    /// They are: serde attributes that leave fields out or need names to decode (`flatten`, `skip_serializing_if`, `skip_serializing` or
    /// `skip_deserializing` alone, `serialize_with` or `deserialize_with` alone, `untagged`, `tag`, a skipped variant before others); values
    /// of whatever type; types that contain themselves (hostile bytes could nest them without end); and sequences of values that take
    /// no bytes (hostile bytes could claim any number of them).
    pub fn positional_hazards(&self) -> Vec<Hazard> {
        let mut hazards = Vec::new();
        for (place, definition) in self.definitions.iter().enumerate() {
            for positional in &definition.attributes {
                let at = path(&definition.name, positional.at);
                hazards.push(Hazard { at, reason: format!("has `#[serde({})]`", positional.attribute) });
            }
            if self.reaches(place, |ty, _| defined_in(ty)) {
                hazards.push(Hazard { at: definition.name.clone(), reason: "contains itself".to_owned() });
            }
        }
        self.visit(|ty, at| {
            if let Some(reason) = self.positional_hazard(ty) {
                hazards.push(Hazard { at: at.to_owned(), reason: reason.to_owned() });
            }
        });
        hazards
    }

    fn positional_hazard(&self, ty: &Type) -> Option<&'static str> {
        match ty {
            Type::Any => Some("may hold a value of any type"),
            Type::Sequence(element) | Type::Set(element) if self.takes_no_bytes(element, 0) => {
                Some("is a sequence of values that take no bytes")
            }
            Type::Map(key, value) if self.takes_no_bytes(key, 0) && self.takes_no_bytes(value, 0) => {
                Some("is a map of values that take no bytes")
            }
            _ => None,
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
}

/// The places of the structs and enums in a type.
fn defined_in(ty: &Type) -> Vec<usize> {
    match ty {
        Type::Defined(place) => vec![*place],
        _ => ty.parts().into_iter().flat_map(defined_in).collect(),
    }
}
