//! Depends on `catga-core` alone, and has one handler.

use catga_core::{Catga, Request, Result, handler};
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Double {
    number: u32,
}

#[handler]
async fn double(cmd: Double) -> Result<u32> {
    Ok(cmd.number * 2)
}

#[tokio::main]
async fn main() -> Result<()> {
    let node = Catga::builder("outside").start().await?;
    println!("{}", node.send(Double { number: 21 }).await?);
    node.shutdown().await
}
