use super::{Describer, Schema};

/// The shape of one type with all that it consists of.
///
/// Structs and enums are in [`definitions`](Self::definitions), in the order in which they are first met, so that a type may contain itself.
/// As text ([`Display`](std::fmt::Display)) it is canonical: equal text is an equal shape. The format is in `docs/wire.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Description {
    /// The type that was described.
    pub root: Type,
    /// The structs and enums it consists of; [`Type::Defined`] is a place in here.
    pub definitions: Vec<Definition>,
}

impl Description {
    /// Describes a type.
    pub fn of<T: Schema + ?Sized>() -> Self {
        Describer::describe::<T>()
    }
}

/// What a value is encoded as.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Type {
    /// `()`, and what is encoded like it.
    Unit,
    /// A truth value.
    Bool,
    /// A signed integer of so many bits.
    Signed(u8),
    /// An unsigned integer of so many bits.
    Unsigned(u8),
    /// A floating-point number of so many bits.
    Float(u8),
    /// One Unicode character.
    Char,
    /// Unicode text.
    Text,
    /// A value or none.
    Option(Box<Type>),
    /// Any number of values, in an order.
    Sequence(Box<Type>),
    /// Any number of different values.
    Set(Box<Type>),
    /// Values by keys.
    Map(Box<Type>, Box<Type>),
    /// A fixed number of values of one type.
    Array(Box<Type>, usize),
    /// A fixed number of values, each of its own type.
    Tuple(Vec<Type>),
    /// A struct or an enum: its place in [`Description::definitions`].
    Defined(usize),
    /// A value whose encoding is known by this name, and defined elsewhere.
    Opaque(String),
    /// Whatever value: only a codec that writes types beside values carries it.
    Any,
}

impl Type {
    /// A type whose encoding is known by `name`, and defined elsewhere.
    pub fn opaque(name: impl Into<String>) -> Self {
        Self::Opaque(name.into())
    }
}

/// A struct or an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Definition {
    /// Its name, as serde has it.
    pub name: String,
    /// What it consists of.
    pub shape: Shape,
    /// Serde attributes in it that a positional codec can't carry.
    pub(super) attributes: Vec<PositionalAttribute>,
}

/// A serde attribute that a positional codec can't carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PositionalAttribute {
    /// The field or the variant; empty for the type itself.
    pub(super) at: &'static str,
    pub(super) attribute: &'static str,
}

/// What a struct or an enum consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A struct.
    Struct(Content),
    /// An enum: its variants in order, and how a value says which one it is.
    Enum(Tagging, Vec<Variant>),
}

/// What is in a struct or a variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Nothing.
    Unit,
    /// One value, encoded as if it stood alone.
    Newtype(Type),
    /// Values by position.
    Tuple(Vec<Type>),
    /// Values by name.
    Named(Vec<Field>),
}

/// A value with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name, as serde has it.
    pub name: String,
    /// What it is encoded as.
    pub ty: Type,
    /// Whether a decoder by names can do without it. Not part of the fingerprint, since it changes no byte.
    pub has_default: bool,
    /// Whether its own fields stand in place of it (`#[serde(flatten)]`).
    pub flattened: bool,
}

/// One of an enum's alternatives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Its name, as serde has it.
    pub name: String,
    /// What is in it.
    pub content: Content,
}

/// How a value of an enum says which variant it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tagging {
    /// By the variant's name, or number, around the content. Serde's default.
    External,
    /// By a field of this name among the content's.
    Internal(String),
    /// By a field beside a field with the content.
    Adjacent {
        /// The field with the variant's name.
        tag: String,
        /// The field with the content.
        content: String,
    },
    /// Not at all.
    Untagged,
}
