use rust_decimal::Decimal;

use super::super::{Describer, Schema, Type};

/// `rust_decimal` encodes its number as its features say, and any crate in the build may turn features on: `serde-float` makes it a
/// float, which loses digits. So this looks at what it does and gives each form a name of its own; nodes built differently then notice.
impl Schema for Decimal {
    fn describe(_: &mut Describer) -> Type {
        Type::opaque(if is_text() { "decimal" } else { "decimal as float" })
    }
}

fn is_text() -> bool {
    rmp_serde::to_vec(&Decimal::ONE).is_ok_and(|bytes| bytes == [0xa1, b'1'])
}
