use catga_core::{Request, Result, handler};
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Double(u32);

#[handler(concurrency = 0)]
async fn double(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

#[handler(concurrency = 10_001)]
async fn double_again(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

#[handler(concurrency = "many")]
async fn double_once_more(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

fn main() {}
