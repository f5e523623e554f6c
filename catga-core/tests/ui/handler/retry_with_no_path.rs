use catga_core::{Request, Result, handler};
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Double(u32);

#[handler(retry(with = 5))]
async fn double(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

#[handler(retry(with = |_| Next::Dead))]
async fn double_again(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

fn main() {}
