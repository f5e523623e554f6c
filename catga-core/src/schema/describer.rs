use std::{any::TypeId, collections::HashMap};

use super::{
    Definition, Description, Schema, Shape, Type,
    description::{Content, PositionalAttribute},
};

/// The book in which types are described: each struct and each enum once, so that a type may contain itself.
#[derive(Debug, Default)]
pub struct Describer {
    /// `TypeId` only tells types apart while describing; it is in no description.
    places: HashMap<TypeId, usize>,
    definitions: Vec<Definition>,
}

impl Describer {
    pub(super) fn describe<T: Schema + ?Sized>() -> Description {
        let mut describer = Self::default();
        let root = T::describe(&mut describer);
        Description { root, definitions: describer.definitions }
    }

    /// Describes `T`, a struct or an enum of this name, unless that is done or being done.
    pub fn define<T: ?Sized + 'static>(&mut self, name: &str, shape: impl FnOnce(&mut Self) -> Shape) -> Type {
        self.define_with::<T>(name, &[], shape)
    }

    /// As [`define`](Self::define), with the serde attributes in it that a positional codec can't carry: where, and which.
    #[doc(hidden)]
    pub fn define_with<T: ?Sized + 'static>(
        &mut self,
        name: &str,
        attributes: &[(&'static str, &'static str)],
        shape: impl FnOnce(&mut Self) -> Shape,
    ) -> Type {
        let next = self.definitions.len();
        let place = *self.places.entry(TypeId::of::<T>()).or_insert(next);
        if place == next {
            let attributes = attributes.iter().map(|&(at, attribute)| PositionalAttribute { at, attribute }).collect();
            // The place is taken before the shape is known: the shape may refer to it.
            self.definitions.push(Definition {
                name: name.to_owned(),
                shape: Shape::Struct(Content::Unit),
                attributes,
            });
            let shape = shape(self);
            self.definitions[place].shape = shape;
        }
        Type::Defined(place)
    }
}
