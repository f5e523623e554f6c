use catga_core::{Request, Result, handler};
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Double(u32);

#[handler(retry(attempts = 3, immediate = 3))]
async fn double(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

#[handler(retry(immediate = 10))]
async fn double_again(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

#[handler(retry(first = "2s", longest = "1s"))]
async fn double_once_more(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

#[handler(retry(first = "1min"))]
async fn double_slowly(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

#[handler(retry(longest = "10ms"))]
async fn double_quickly(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

fn main() {}
