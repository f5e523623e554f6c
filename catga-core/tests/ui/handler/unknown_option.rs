use catga_core::{Request, Result, handler};
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Double(u32);

#[handler(nam = "twice", stay)]
async fn double(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

fn main() {}
