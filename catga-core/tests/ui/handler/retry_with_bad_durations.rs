use catga_core::{Request, Result, handler};
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Double(u32);

#[handler(retry(first = 200, longest = "10 s", grace = "1m"))]
async fn double(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

#[handler(retry(longest = "169h"))]
async fn double_again(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

fn main() {}
