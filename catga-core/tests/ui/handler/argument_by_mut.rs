use catga_core::{Request, Result, handler};
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Double(u32);

struct Factor(u32);

#[handler]
async fn double(cmd: &mut Double, by: &mut Factor) -> Result<u32> {
    Ok(cmd.0 * by.0)
}

fn main() {}
