use catga_core::{Request, handler};
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Double(u32);

#[handler]
async fn double(cmd: Double) -> u32 {
    cmd.0 * 2
}

fn main() {}
