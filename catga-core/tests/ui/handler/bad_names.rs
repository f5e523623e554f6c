use catga_core::{Request, Result, handler};
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Double(u32);

#[handler(name = "", role = "night shift", was("orders.double", "größe", "former", "former"))]
async fn double(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

#[handler(was = "same")]
async fn same(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

#[handler]
async fn größe(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

fn main() {}
