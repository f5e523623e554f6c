use time::{Date, Duration, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

use super::super::{Describer, Schema, Type};

impl Schema for OffsetDateTime {
    fn describe(_: &mut Describer) -> Type {
        Type::opaque("time offset date time")
    }
}

impl Schema for PrimitiveDateTime {
    fn describe(_: &mut Describer) -> Type {
        Type::opaque("time primitive date time")
    }
}

impl Schema for Date {
    fn describe(_: &mut Describer) -> Type {
        Type::opaque("time date")
    }
}

impl Schema for Time {
    fn describe(_: &mut Describer) -> Type {
        Type::opaque("time time")
    }
}

impl Schema for UtcOffset {
    fn describe(_: &mut Describer) -> Type {
        Type::opaque("time utc offset")
    }
}

impl Schema for Duration {
    fn describe(_: &mut Describer) -> Type {
        Type::opaque("time duration")
    }
}
