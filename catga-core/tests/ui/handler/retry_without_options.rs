use catga_core::{Request, Result, handler};
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Double(u32);

#[handler(retry)]
async fn double(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

#[handler(retry = 5)]
async fn double_again(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

#[handler(retry())]
async fn double_once_more(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

#[handler(retry(never) "often")]
async fn double_at_last(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

fn main() {}
