//! Values of common types of other crates come back, exactly, from each codec.

#![cfg(all(feature = "bincode", feature = "json"))]

use catga_core::{
    Schema,
    codec::{BodyLimit, Codec},
    schema::Description,
};
use serde::{Serialize, de::DeserializeOwned};

#[track_caller]
fn check<T: Schema + Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: T, description: &str) {
    assert_eq!(Description::of::<T>().to_string(), format!("{description}\n"));
    for codec in Codec::ALL {
        let bytes = codec.encode("T", &value, BodyLimit::default()).unwrap();
        assert_eq!(codec.decode::<T>("T", &bytes, BodyLimit::default()).unwrap(), value, "{codec}");
    }
}

#[test]
fn uuids_come_back() {
    check(uuid::Uuid::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef), "opaque \"uuid\"");
}

#[cfg(feature = "rust_decimal")]
#[test]
fn decimals_come_back_exactly() {
    use rust_decimal::Decimal;

    let texts =
        ["12345678901234567.89", "0.1", "-0.10", "0.0000000000000000000000000001", "79228162514264337593543950335"];
    for text in texts {
        let decimal: Decimal = text.parse().unwrap();
        check(decimal, "opaque \"decimal\"");
        for codec in Codec::ALL {
            let bytes = codec.encode("T", &decimal, BodyLimit::default()).unwrap();
            // Not only equal: with the same digits behind the point.
            let decoded: Decimal = codec.decode("T", &bytes, BodyLimit::default()).unwrap();
            assert_eq!(decoded.to_string(), text, "{codec}");
        }
        assert_eq!(
            Codec::Json.encode("T", &decimal, BodyLimit::default()).unwrap(),
            format!("\"{text}\"").into_bytes()
        );
    }
}

#[cfg(feature = "chrono")]
#[test]
fn dates_and_times_of_chrono_come_back() {
    use chrono::{DateTime, FixedOffset, NaiveDate, Utc};

    let fixed: DateTime<FixedOffset> = "2026-11-24T20:27:31.123456789+01:30".parse().unwrap();
    check(fixed.with_timezone(&Utc), "opaque \"chrono utc date time\"");
    check(fixed, "opaque \"chrono date time\"");
    check(fixed.naive_utc(), "opaque \"chrono naive date time\"");
    check(fixed.naive_utc().time(), "opaque \"chrono naive time\"");
    check(NaiveDate::from_ymd_opt(-4, 2, 29).unwrap(), "opaque \"chrono naive date\"");
}

#[cfg(feature = "time")]
#[test]
fn dates_and_times_of_time_come_back() {
    use time::{Date, Duration, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

    let date = Date::from_ordinal_date(2026, 328).unwrap();
    let time = Time::from_hms_nano(20, 27, 31, 123_456_789).unwrap();
    let offset = UtcOffset::from_hms(1, 30, 0).unwrap();
    check(OffsetDateTime::new_in_offset(date, time, offset), "opaque \"time offset date time\"");
    check(PrimitiveDateTime::new(date, time), "opaque \"time primitive date time\"");
    check(date, "opaque \"time date\"");
    check(time, "opaque \"time time\"");
    check(offset, "opaque \"time utc offset\"");
    check(Duration::new(-5, -7), "opaque \"time duration\"");
}

#[cfg(feature = "jiff")]
#[test]
fn dates_and_times_of_jiff_come_back() {
    use jiff::{SignedDuration, Timestamp, civil};

    let moment = civil::date(2026, 11, 24).at(20, 27, 31, 123_456_789);
    check("2026-11-24T20:27:31.123456789Z".parse::<Timestamp>().unwrap(), "opaque \"jiff timestamp\"");
    check(moment, "opaque \"jiff date time\"");
    check(moment.date(), "opaque \"jiff date\"");
    check(moment.time(), "opaque \"jiff time\"");
    check(SignedDuration::new(-5, -7), "opaque \"jiff signed duration\"");
}

#[cfg(feature = "jiff")]
#[test]
fn spans_of_jiff_come_back() {
    use jiff::{Span, ToSpan as _};

    assert_eq!(Description::of::<Span>().to_string(), "opaque \"jiff span\"\n");
    let span = 1.year().months(2).hours(-0).nanoseconds(7);
    for codec in Codec::ALL {
        let bytes = codec.encode("T", &span, BodyLimit::default()).unwrap();
        let decoded: Span = codec.decode("T", &bytes, BodyLimit::default()).unwrap();
        assert_eq!(decoded.fieldwise(), span.fieldwise(), "{codec}");
    }
}
