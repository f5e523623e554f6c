//! Envelopes as a store keeps them: the headers as they travel, and the body. So a store's bytes are described where the wire is.

use std::fmt;

use bytes::Bytes;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, Visitor},
    ser::SerializeStruct as _,
};

use super::Envelope;

impl Serialize for Envelope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Envelope", 2)?;
        fields.serialize_field("headers", &HeadersOf(self))?;
        fields.serialize_field("body", &self.body)?;
        fields.end()
    }
}

struct HeadersOf<'a>(&'a Envelope);

impl Serialize for HeadersOf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let headers: Vec<_> = self.0.to_headers().collect();
        serializer.collect_map(headers)
    }
}

impl<'de> Deserialize<'de> for Envelope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Stored {
            headers: Pairs,
            body: Bytes,
        }

        let stored = Stored::deserialize(deserializer)?;
        let headers = stored.headers.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Self::from_headers(headers, stored.body).map_err(de::Error::custom)
    }
}

/// A map in its order, with what comes twice, so that [`Envelope::from_headers`] judges it as it judges the wire.
struct Pairs(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor;

        impl<'de> Visitor<'de> for PairsVisitor {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of headers")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(PairsVisitor)
    }
}
