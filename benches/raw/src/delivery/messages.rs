use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlaceOrder {
    /// The order's number.
    pub order: u64,
    /// Whose.
    pub customer_id: String,
    /// Of what.
    pub items: Vec<Item>,
}

/// One line of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The product.
    pub product_id: String,
    /// How many.
    pub quantity: u32,
    /// What one costs, in cents.
    pub unit_price: u64,
}

/// Its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Placed {
    /// The order's number.
    pub order: u64,
    /// What it costs, in cents.
    pub total: u64,
}

/// The document.
#[derive(Debug, Serialize)]
pub(super) struct Order {
    pub(super) order: u64,
    pub(super) customer_id: String,
    pub(super) items: Vec<Item>,
    pub(super) total: u64,
}

/// The event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderPlaced {
    /// The order's number.
    pub order: u64,
    /// Whose.
    pub customer_id: String,
    /// What it costs, in cents.
    pub total: u64,
}

/// A command on its way.
#[derive(Clone, Debug)]
pub(super) struct Work {
    pub(super) id: Uuid,
    pub(super) body: Bytes,
}

/// An event on its way, with what it belongs to and what caused it.
#[derive(Clone, Debug)]
#[expect(dead_code, reason = "carried for whoever would handle it")]
pub(super) struct Leaving {
    pub(super) id: Uuid,
    pub(super) correlation: Uuid,
    pub(super) causation: Uuid,
    pub(super) body: Bytes,
}

pub(super) fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// MessagePack with names. What is encoded here always can be.
pub(super) fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    match value.serialize(&mut rmp_serde::Serializer::new(&mut bytes).with_struct_map()) {
        Ok(()) => bytes,
        Err(cause) => unreachable!("{cause}"),
    }
}

pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    rmp_serde::from_slice(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        let items = vec![Item { product_id: "p".into(), quantity: 3, unit_price: 700 }];
        let order = PlaceOrder { order: 7, customer_id: "c".into(), items };
        assert_eq!(decode(&encode(&order)), Some(order));
    }
}
