use catga_core::Request;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Number(u32);

#[derive(Request, Serialize, Deserialize)]
#[request(response = u32)]
struct Double(Number);

fn main() {}
