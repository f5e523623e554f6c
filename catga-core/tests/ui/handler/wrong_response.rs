use catga_core::{Request, Result, handler};
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Double(u32);

#[handler]
async fn double(cmd: Double) -> Result<String> {
    Ok(cmd.0.to_string())
}

fn main() {}
