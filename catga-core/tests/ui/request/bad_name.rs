use catga_core::Request;
use serde::{Deserialize, Serialize};

#[derive(Request, Serialize, Deserialize)]
#[request(response = u32, name = "orders.double")]
struct Double(u32);

#[derive(Request, Serialize, Deserialize)]
#[request(response = u32, name = "")]
struct Triple(u32);

#[derive(Request, Serialize, Deserialize)]
#[request(response = u32)]
struct Größe(u32);

fn main() {}
