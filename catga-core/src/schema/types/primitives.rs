use std::{
    marker::PhantomData,
    num::{NonZero, Saturating, Wrapping},
    path::{Path, PathBuf},
};

use super::super::{Describer, Schema, Type};

// A list of pairs can only be said once with a macro: each is an impl.
macro_rules! primitives {
    ($($rust:ty => $ty:expr,)+) => {$(
        impl Schema for $rust {
            fn describe(_: &mut Describer) -> Type {
                $ty
            }
        }
    )+};
}

primitives! {
    () => Type::Unit,
    bool => Type::Bool,
    char => Type::Char,
    i8 => Type::Signed(8),
    i16 => Type::Signed(16),
    i32 => Type::Signed(32),
    i64 => Type::Signed(64),
    i128 => Type::Signed(128),
    // Serde encodes these two with 64 bits on each platform.
    isize => Type::Signed(64),
    usize => Type::Unsigned(64),
    u8 => Type::Unsigned(8),
    u16 => Type::Unsigned(16),
    u32 => Type::Unsigned(32),
    u64 => Type::Unsigned(64),
    u128 => Type::Unsigned(128),
    f32 => Type::Float(32),
    f64 => Type::Float(64),
    NonZero<i8> => Type::Signed(8),
    NonZero<i16> => Type::Signed(16),
    NonZero<i32> => Type::Signed(32),
    NonZero<i64> => Type::Signed(64),
    NonZero<i128> => Type::Signed(128),
    NonZero<isize> => Type::Signed(64),
    NonZero<usize> => Type::Unsigned(64),
    NonZero<u8> => Type::Unsigned(8),
    NonZero<u16> => Type::Unsigned(16),
    NonZero<u32> => Type::Unsigned(32),
    NonZero<u64> => Type::Unsigned(64),
    NonZero<u128> => Type::Unsigned(128),
    str => Type::Text,
    String => Type::Text,
    Path => Type::Text,
    PathBuf => Type::Text,
}

impl<T: Schema> Schema for Wrapping<T> {
    fn describe(describer: &mut Describer) -> Type {
        T::describe(describer)
    }
}

impl<T: Schema> Schema for Saturating<T> {
    fn describe(describer: &mut Describer) -> Type {
        T::describe(describer)
    }
}

impl<T: ?Sized + 'static> Schema for PhantomData<T> {
    fn describe(_: &mut Describer) -> Type {
        Type::Unit
    }
}
