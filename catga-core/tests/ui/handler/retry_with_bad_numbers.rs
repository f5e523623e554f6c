use catga_core::{Request, Result, handler};
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Double(u32);

#[handler(retry(attempts = 0, attempts_of_sent = 0, jitter = 101))]
async fn double(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

#[handler(retry(attempts = "5", immediate = -1, jitter = 1.5))]
async fn double_again(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

fn main() {}
