use catga_core::Request;
use serde::{Deserialize, Serialize};

#[derive(Request, Serialize, Deserialize)]
struct Double(u32);

fn main() {}
