use catga_core::Request;
use serde::{Deserialize, Serialize};

#[derive(Request, Serialize, Deserialize)]
#[request(response = u32, query)]
#[request(query)]
struct Double(u32);

fn main() {}
