//! An order as bare bincode carries it.

use bincode::config::{Configuration, standard};
use bincode::error::{DecodeError, EncodeError};
use bincode::serde::{decode_from_slice, encode_to_vec};
use serde::{Deserialize, Serialize};

const CONFIGURATION: Configuration = standard();

/// A command with a list in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CreateOrder {
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
    /// Its name.
    pub product_name: String,
    /// How many.
    pub quantity: u32,
    /// What one costs, in cents.
    pub unit_price: u64,
}

/// Encodes it.
///
/// # Errors
///
/// Bincode's.
pub fn encode(order: &CreateOrder) -> Result<Vec<u8>, EncodeError> {
    encode_to_vec(order, CONFIGURATION)
}

/// Decodes one.
///
/// # Errors
///
/// Bincode's.
pub fn decode(bytes: &[u8]) -> Result<CreateOrder, DecodeError> {
    decode_from_slice(bytes, CONFIGURATION).map(|(order, _)| order)
}
