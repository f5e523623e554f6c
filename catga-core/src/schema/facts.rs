use std::{
    any::TypeId,
    collections::HashMap,
    sync::{OnceLock, PoisonError, RwLock},
};

use super::{Description, Fingerprint, Schema};

/// What each request needs to know of a type, computed once in a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Facts {
    /// The type's fingerprint.
    pub fingerprint: Fingerprint,
    /// Whether a positional codec can carry it; see [`Description::positional_hazards`].
    pub positional: bool,
    /// Whether a codec with names can carry it; see [`Description::named_hazards`].
    pub named: bool,
}

impl Facts {
    /// The facts of a type.
    #[inline]
    pub fn of<T: Schema + ?Sized>() -> Self {
        match T::place() {
            Some(place) => *place.get_or_init(Self::compute::<T>),
            None => Self::from_table::<T>(),
        }
    }

    #[cold]
    fn compute<T: Schema + ?Sized>() -> Self {
        let description = Description::of::<T>();
        Self {
            fingerprint: Fingerprint::of_description(&description),
            positional: description.positional_hazards().is_empty(),
            named: description.named_hazards().is_empty(),
        }
    }

    /// A generic type can't have a static of its own for each of its parameters, so these share a table.
    fn from_table<T: Schema + ?Sized>() -> Self {
        static TABLE: OnceLock<RwLock<HashMap<TypeId, Facts>>> = OnceLock::new();
        let table = TABLE.get_or_init(RwLock::default);
        let known = table.read().unwrap_or_else(PoisonError::into_inner).get(&TypeId::of::<T>()).copied();
        known.unwrap_or_else(|| {
            let facts = Self::compute::<T>();
            table.write().unwrap_or_else(PoisonError::into_inner).insert(TypeId::of::<T>(), facts);
            facts
        })
    }
}
