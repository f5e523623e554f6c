use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque},
    rc::Rc,
    sync::Arc,
};

use super::super::{Content, Describer, Schema, Shape, Tagging, Type, Variant};

// What only wraps a value, and is encoded as the value.
macro_rules! transparent {
    ($($wrapper:ident),+) => {$(
        impl<T: Schema + ?Sized> Schema for $wrapper<T> {
            fn describe(describer: &mut Describer) -> Type {
                T::describe(describer)
            }
        }
    )+};
}

transparent!(Box, Rc, Arc, RefCell);

impl<T: Schema> Schema for Cell<T> {
    fn describe(describer: &mut Describer) -> Type {
        T::describe(describer)
    }
}

impl<T: Schema> Schema for Reverse<T> {
    fn describe(describer: &mut Describer) -> Type {
        T::describe(describer)
    }
}

impl<T: Schema + ToOwned + ?Sized> Schema for Cow<'static, T> {
    fn describe(describer: &mut Describer) -> Type {
        T::describe(describer)
    }
}

macro_rules! sequences {
    ($($sequence:ty),+) => {$(
        impl<T: Schema> Schema for $sequence {
            fn describe(describer: &mut Describer) -> Type {
                Type::Sequence(Box::new(T::describe(describer)))
            }
        }
    )+};
}

sequences!([T], Vec<T>, VecDeque<T>, LinkedList<T>, BinaryHeap<T>);

impl<T: Schema> Schema for BTreeSet<T> {
    fn describe(describer: &mut Describer) -> Type {
        Type::Set(Box::new(T::describe(describer)))
    }
}

impl<T: Schema, S: 'static> Schema for HashSet<T, S> {
    fn describe(describer: &mut Describer) -> Type {
        Type::Set(Box::new(T::describe(describer)))
    }
}

impl<K: Schema, V: Schema> Schema for BTreeMap<K, V> {
    fn describe(describer: &mut Describer) -> Type {
        map::<K, V>(describer)
    }
}

impl<K: Schema, V: Schema, S: 'static> Schema for HashMap<K, V, S> {
    fn describe(describer: &mut Describer) -> Type {
        map::<K, V>(describer)
    }
}

fn map<K: Schema, V: Schema>(describer: &mut Describer) -> Type {
    let key = K::describe(describer);
    Type::Map(Box::new(key), Box::new(V::describe(describer)))
}

impl<T: Schema> Schema for Option<T> {
    fn describe(describer: &mut Describer) -> Type {
        Type::Option(Box::new(T::describe(describer)))
    }
}

impl<T: Schema, E: Schema> Schema for Result<T, E> {
    fn describe(describer: &mut Describer) -> Type {
        describer.define::<Self>("Result", |describer| {
            let ok = Variant { name: "Ok".to_owned(), content: Content::Newtype(T::describe(describer)) };
            let err = Variant { name: "Err".to_owned(), content: Content::Newtype(E::describe(describer)) };
            Shape::Enum(Tagging::External, vec![ok, err])
        })
    }
}

impl<T: Schema, const N: usize> Schema for [T; N] {
    fn describe(describer: &mut Describer) -> Type {
        Type::Array(Box::new(T::describe(describer)), N)
    }
}

macro_rules! tuples {
    ($(($($element:ident)+))+) => {$(
        impl<$($element: Schema),+> Schema for ($($element,)+) {
            fn describe(describer: &mut Describer) -> Type {
                Type::Tuple(vec![$($element::describe(describer)),+])
            }
        }
    )+};
}

tuples! {
    (A)
    (A B)
    (A B C)
    (A B C D)
    (A B C D E)
    (A B C D E F)
    (A B C D E F G)
    (A B C D E F G H)
    (A B C D E F G H I)
    (A B C D E F G H I J)
    (A B C D E F G H I J K)
    (A B C D E F G H I J K L)
}
