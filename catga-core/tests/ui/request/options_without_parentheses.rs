use catga_core::Request;
use serde::{Deserialize, Serialize};

#[derive(Request, Serialize, Deserialize)]
#[request = "u32"]
struct Double(u32);

fn main() {}
