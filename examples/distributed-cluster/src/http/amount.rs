use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::{json, value::RawValue};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

use crate::orders::Money;

/// [`Money`] as a JSON number, digit by digit: it never is a floating-point number.
#[derive(Clone, Copy)]
pub(super) struct Amount(pub(super) Money);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.to_string()).map_err(ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // JSON text of any type; only a number is a `Money`.
        Box::<RawValue>::deserialize(deserializer)?.get().parse().map(Self).map_err(de::Error::custom)
    }
}

impl PartialSchema for Amount {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Number).examples([json!(999.99)]).description(Some(
            "An exact decimal number of at most 28 digits; read it as a decimal, not as a floating-point number.",
        ));
        number.build().into()
    }
}

impl ToSchema for Amount {
    fn name() -> Cow<'static, str> {
        "Amount".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_comes_back() {
        for json in ["0.1", "999.99", "12345678901234567.89", "7922816251426433759354395033.5"] {
            let amount: Amount = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&amount).unwrap(), json);
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for json in ["\"0.1\"", "null", "true", "[1]", "{}", "0.1.1", "1e999"] {
            assert!(serde_json::from_str::<Amount>(json).is_err(), "{json}");
        }
    }
}
