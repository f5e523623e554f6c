use catga_core::Request;
use serde::{Deserialize, Serialize};

struct Doubled;

#[derive(Request, Serialize, Deserialize)]
#[request(response = Doubled)]
struct Double(u32);

fn main() {}
