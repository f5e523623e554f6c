use catga_core::Request;
use serde::{Deserialize, Serialize};

#[derive(Request, Serialize, Deserialize)]
#[request(respones = u32, qeury)]
struct Double(u32);

fn main() {}
