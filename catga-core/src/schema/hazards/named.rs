use super::{Hazard, path};
use crate::schema::{Content, Definition, Description, Shape, Tagging, Type};

impl Description {
    /// The reasons why a codec with names (MessagePack, JSON) can't carry this type; none if it can.
    ///
    /// They are:
    ///
    /// - A type that contains itself with nothing between that is written, such as `struct A(Option<Box<A>>)`: decoding would never end.
    /// - An option of what is itself written as nothing, such as `Option<Option<T>>` or `Option<()>`: what is there would come back as absent.
    /// - 128-bit numbers and network addresses within flattened fields, untagged enums and enums with an inner tag. There serde first reads a
    ///   value without knowing its type and keeps it; what it keeps has no 128-bit numbers, and has forgotten that MessagePack isn't for
    ///   people, as which addresses are encoded differently.
    pub fn named_hazards(&self) -> Vec<Hazard> {
        let mut hazards = Vec::new();
        for (place, definition) in self.definitions.iter().enumerate() {
            if self.reaches(place, unwritten_in) {
                let reason = "contains itself with nothing between that is written".to_owned();
                hazards.push(Hazard { at: definition.name.clone(), reason });
            }
            for (part, ty) in read_ahead(definition) {
                if let Some(lost) = self.find_lost(ty, &mut vec![false; self.definitions.len()]) {
                    let at = path(&definition.name, part);
                    let reason = format!(
                        "holds {lost} where serde looks ahead (`flatten`, `tag` or `untagged`), which loses it"
                    );
                    hazards.push(Hazard { at, reason });
                }
            }
        }
        self.visit(|ty, at| match ty {
            Type::Option(some) if self.is_written_as_nothing(some, 0) => hazards.push(Hazard {
                at: at.to_owned(),
                reason: "is an option of what is itself written as nothing, so what is there would be lost".to_owned(),
            }),
            _ => {}
        });
        hazards
    }

    fn is_written_as_nothing(&self, ty: &Type, depth: usize) -> bool {
        // A longer chain goes in circles; that is a hazard of its own.
        if depth > self.definitions.len() {
            return false;
        }
        match ty {
            Type::Unit | Type::Option(_) => true,
            Type::Defined(place) => match &self.definitions[*place].shape {
                Shape::Struct(Content::Unit) => true,
                Shape::Struct(Content::Newtype(inner)) => self.is_written_as_nothing(inner, depth + 1),
                _ => false,
            },
            _ => false,
        }
    }

    fn find_lost(&self, ty: &Type, seen: &mut [bool]) -> Option<&'static str> {
        match ty {
            Type::Signed(128) | Type::Unsigned(128) => Some("a 128-bit number"),
            Type::Opaque(name) if name.ends_with(" address") => Some("a network address"),
            Type::Defined(place) if std::mem::replace(&mut seen[*place], true) => None,
            Type::Defined(place) => self.definitions[*place].parts().find_map(|(_, part)| self.find_lost(part, seen)),
            _ => ty.parts().into_iter().find_map(|part| self.find_lost(part, seen)),
        }
    }
}

/// The parts that serde reads before it knows their types.
fn read_ahead(definition: &Definition) -> Vec<(&str, &Type)> {
    match &definition.shape {
        Shape::Enum(Tagging::Internal(_) | Tagging::Untagged, _) => definition.parts().collect(),
        Shape::Struct(Content::Named(fields)) => {
            let flattened = fields.iter().filter(|field| field.flattened);
            flattened.map(|field| (field.name.as_str(), &field.ty)).collect()
        }
        _ => Vec::new(),
    }
}

/// The places of the structs and enums in a type that are written without anything around them.
fn unwritten_in(ty: &Type, within: &Shape) -> Vec<usize> {
    match (within, ty) {
        (Shape::Struct(Content::Newtype(_)) | Shape::Enum(Tagging::Untagged, _), Type::Defined(place)) => vec![*place],
        (_, Type::Option(some)) => unwritten_in(some, within),
        _ => Vec::new(),
    }
}
