use catga_core::{Request, Result, handler};
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Double(u32);

#[handler]
async fn double<T: Into<u32>>(cmd: Double, by: &T) -> Result<u32>
where
    T: Copy,
{
    Ok(cmd.0 * (*by).into())
}

fn main() {}
