//! The shape of a type, at any depth: as a [`Description`] for people and checks, and as a [`Fingerprint`] for the wire.
//!
//! A positional codec writes values without names, so both sides must have the same shape in mind. They compare fingerprints instead of
//! hoping: a fingerprint differs when anything that is encoded differs at any depth – a name, an order, a width, in whichever crate.
//! `#[derive(Schema)]` writes the trait for structs and enums, as serde encodes them; standard types have it; adapters give it to common
//! types of other crates, each behind a feature of that crate's name (`uuid` always):
//!
//! | feature | types |
//! | --- | --- |
//! | – | `uuid::Uuid` |
//! | `rust_decimal` | `Decimal`, exact through each codec (the feature turns `rust_decimal/serde-str` on, without which it can't be decoded from bincode) |
//! | `chrono` | `DateTime<Utc>`, `DateTime<FixedOffset>`, `NaiveDate`, `NaiveTime`, `NaiveDateTime` |
//! | `time` | `OffsetDateTime`, `PrimitiveDateTime`, `Date`, `Time`, `UtcOffset`, `time::Duration` |
//! | `jiff` | `Timestamp`, `civil::{Date, Time, DateTime}`, `Span`, `SignedDuration` |
//! | `json` | `serde_json::Value`, by the codecs with names only |
//!
//! For any other foreign type a field says itself what it is encoded as: `#[schema(as = String)]`, or `#[schema(opaque = "iban")]`, a
//! name that its owner changes when the encoding changes.
//!
//! ```
//! use catga_core::schema::{Description, Fingerprint, Schema};
//!
//! #[derive(Schema)]
//! struct Item { sku: String, quantity: u32 }
//!
//! #[derive(Schema)]
//! struct Order { id: u64, items: Vec<Item> }
//!
//! assert_eq!(
//!     Description::of::<Order>().to_string(),
//!     "#0\n#0 = struct \"Order\" {\"id\": u64, \"items\": [#1]}\n#1 = struct \"Item\" {\"sku\": text, \"quantity\": u32}\n",
//! );
//! assert_eq!(Fingerprint::of::<Order>().to_string(), "75d2083c503bb58a");
//! ```

mod adapters;
mod describer;
mod description;
mod facts;
mod fingerprint;
mod hazards;
mod text;
mod types;

pub use catga_macros::Schema;
pub use describer::Describer;
pub use description::{Content, Definition, Description, Field, Shape, Tagging, Type, Variant};
pub use facts::Facts;
pub use fingerprint::{Fingerprint, ParseFingerprintError};
pub use hazards::Hazard;

/// A type whose shape is known, as serde encodes it.
///
/// Derive it. By hand it is written only for a type whose `Serialize` is written by hand, and then says what that one writes:
///
/// ```
/// use catga_core::schema::{Describer, Description, Schema, Type};
///
/// /// Travels as text, such as `"DE89370400440532013000"`.
/// struct Iban(String);
///
/// impl Schema for Iban {
///     fn describe(_: &mut Describer) -> Type {
///         Type::opaque("iban")
///     }
/// }
///
/// assert_eq!(Description::of::<Iban>().to_string(), "opaque \"iban\"\n");
/// ```
#[diagnostic::on_unimplemented(
    message = "the shape of `{Self}` isn't known",
    label = "has no `Schema`",
    note = "yours: write `#[derive(Schema)]` on it",
    note = "another crate's: turn on catga's feature of that crate's name, or write `#[schema(as = …)]` or `#[schema(opaque = \"…\")]` on the field"
)]
pub trait Schema: 'static {
    /// Describes this type; a struct or an enum goes into the book once, and is referred to from then on.
    fn describe(describer: &mut Describer) -> Type;

    /// Where what is known of this type is kept for the process. The derive gives types without parameters a place of their own; the
    /// others share a table.
    #[doc(hidden)]
    fn place() -> Option<&'static std::sync::OnceLock<Facts>> {
        None
    }
}
