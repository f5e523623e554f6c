//! The messages that the application and its handlers share.

use catga::prelude::*;
use serde::{Deserialize, Serialize};

/// Asks for twice a number.
#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
pub struct Double {
    /// The number.
    pub number: u32,
}
