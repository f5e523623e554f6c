use catga_core::{Request, Result, handler};
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Double(u32);

trait Factor {
    fn get(&self) -> u32;
}

#[handler]
async fn double(cmd: Double, by: &dyn Factor) -> Result<u32> {
    Ok(cmd.0 * by.get())
}

fn main() {}
