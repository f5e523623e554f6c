use jiff::{SignedDuration, Span, Timestamp, civil};

use super::super::{Describer, Schema, Type};

impl Schema for Timestamp {
    fn describe(_: &mut Describer) -> Type {
        Type::opaque("jiff timestamp")
    }
}

impl Schema for civil::Date {
    fn describe(_: &mut Describer) -> Type {
        Type::opaque("jiff date")
    }
}

impl Schema for civil::Time {
    fn describe(_: &mut Describer) -> Type {
        Type::opaque("jiff time")
    }
}

impl Schema for civil::DateTime {
    fn describe(_: &mut Describer) -> Type {
        Type::opaque("jiff date time")
    }
}

impl Schema for Span {
    fn describe(_: &mut Describer) -> Type {
        Type::opaque("jiff span")
    }
}

impl Schema for SignedDuration {
    fn describe(_: &mut Describer) -> Type {
        Type::opaque("jiff signed duration")
    }
}
