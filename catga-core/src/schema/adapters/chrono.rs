use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use super::super::{Describer, Schema, Type};

impl Schema for DateTime<Utc> {
    fn describe(_: &mut Describer) -> Type {
        Type::opaque("chrono utc date time")
    }
}

impl Schema for DateTime<FixedOffset> {
    fn describe(_: &mut Describer) -> Type {
        Type::opaque("chrono date time")
    }
}

impl Schema for NaiveDate {
    fn describe(_: &mut Describer) -> Type {
        Type::opaque("chrono naive date")
    }
}

impl Schema for NaiveTime {
    fn describe(_: &mut Describer) -> Type {
        Type::opaque("chrono naive time")
    }
}

impl Schema for NaiveDateTime {
    fn describe(_: &mut Describer) -> Type {
        Type::opaque("chrono naive date time")
    }
}
