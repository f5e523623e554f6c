use std::{error::Error, fmt, str::FromStr};

use catga::prelude::*;
use rust_decimal::Decimal;

/// An exact amount: up to 28 significant digits, never rounded.
///
/// In messages and documents it travels as text, so that no codec turns it into a floating-point number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub(crate) struct Money(Decimal);

impl Money {
    pub(crate) const ZERO: Self = Self(Decimal::ZERO);

    pub(crate) fn is_negative(self) -> bool {
        self.0 < Decimal::ZERO
    }

    /// This amount so many times; `None` if that has more digits than an amount can hold.
    pub(crate) fn times(self, quantity: u32) -> Option<Self> {
        Self::exact(self.0.mantissa().checked_mul(quantity.into())?, self.0.scale())
    }

    /// The sum; `None` if that has more digits than an amount can hold.
    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        let scale = self.0.scale().max(other.0.scale());
        Self::exact(self.mantissa_at(scale)?.checked_add(other.mantissa_at(scale)?)?, scale)
    }

    // `Decimal`'s own arithmetic rounds before it overflows, so ours is done on whole numbers.
    fn exact(mantissa: i128, scale: u32) -> Option<Self> {
        Decimal::try_from_i128_with_scale(mantissa, scale).ok().map(Self)
    }

    fn mantissa_at(self, scale: u32) -> Option<i128> {
        self.0.mantissa().checked_mul(10_i128.checked_pow(scale - self.0.scale())?)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Reads a number as JSON writes it: `999.99`, `1e3`.
impl FromStr for Money {
    type Err = NoAmount;

    fn from_str(text: &str) -> Result<Self, NoAmount> {
        let digits = text.split_once(['e', 'E']).map_or(text, |(digits, _)| digits);
        let mut amount = Decimal::from_str_exact(digits).map_err(|_| NoAmount)?;
        if digits.len() < text.len() {
            amount = Decimal::from_scientific(text).map_err(|_| NoAmount)?;
        }
        // JSON knows -0.
        if amount.is_zero() {
            amount.set_sign_positive(true);
        }
        Ok(Self(amount))
    }
}

/// A text that is no [`Money`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoAmount;

impl fmt::Display for NoAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an amount is a number of at most 28 digits")
    }
}

impl Error for NoAmount {}

#[cfg(test)]
mod tests {
    use catga::codec::{BodyLimit, Codec};

    use super::*;

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    #[test]
    fn three_times_a_tenth_is_three_tenths() {
        assert_eq!(money("0.1").times(3), Some(money("0.3")));
    }

    #[test]
    fn every_digit_comes_back() {
        for text in ["0", "0.1", "999.99", "999.90", "12345678901234567.89", "-1", "7922816251426433759354395033.5"] {
            assert_eq!(money(text).to_string(), text);
        }
    }

    #[test]
    fn an_exponent_moves_the_point() {
        for (text, same) in [("1e3", "1000"), ("1.5E+2", "150"), ("25e-2", "0.25"), ("-0", "0"), ("-0.0e1", "0")] {
            assert_eq!(money(text), money(same), "{text}");
        }
    }

    #[test]
    fn what_would_be_rounded_is_refused() {
        for text in [
            "0.12345678901234567890123456789",
            "79228162514264337593543950336",
            "1e29",
            "1e-29",
            "1e99999999999",
            "",
            "x",
            "e1",
        ] {
            assert_eq!(text.parse::<Money>(), Err(NoAmount), "{text}");
        }
    }

    #[test]
    fn a_sum_of_different_places_is_exact() {
        assert_eq!(
            money("12345678901234567.89").plus(money("0.0000000001")),
            Some(money("12345678901234567.8900000001"))
        );
    }

    #[test]
    fn overflow_is_told_instead_of_rounding() {
        let largest = money("79228162514264337593543950335");
        assert_eq!(largest.times(1), Some(largest));
        assert_eq!(largest.times(2), None);
        assert_eq!(largest.plus(money("1")), None);
        assert_eq!(largest.plus(money("0.1")), None);
        assert_eq!(money("7922816251426433759354395033.5").times(u32::MAX), None);
    }

    #[test]
    fn every_digit_survives_each_codec() {
        for codec in Codec::ALL {
            for text in ["0.1", "999.90", "12345678901234567.89", "-7922816251426433759354395033.5"] {
                let bytes = codec.encode("Money", &money(text), BodyLimit::default()).unwrap();
                let back: Money = codec.decode("Money", &bytes, BodyLimit::default()).unwrap();
                assert_eq!(back.to_string(), text, "{codec:?}");
            }
        }
    }
}
