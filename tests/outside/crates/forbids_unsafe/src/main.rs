//! Forbids unsafe code, so that nothing can be registered while linking: it names its handlers.
#![forbid(unsafe_code)]

use catga::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Double {
    number: u32,
}

#[handler(unlinked)]
async fn double(cmd: Double) -> Result<u32> {
    Ok(cmd.number * 2)
}

#[tokio::main]
async fn main() -> Result<()> {
    let node = Catga::builder("outside").handlers(handlers![double]).start().await?;
    println!("{}", node.send(Double { number: 21 }).await?);
    node.shutdown().await
}
