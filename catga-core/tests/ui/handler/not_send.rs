use catga_core::{Request, Result, handler};
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Double(u32);

#[handler]
async fn double(cmd: Double) -> Result<u32> {
    let number = std::rc::Rc::new(cmd.0);
    std::future::ready(()).await;
    Ok(*number * 2)
}

fn main() {}
