//! Forbids unsafe code. One handler is found while linking, as anywhere; one isn't, and is named.
#![forbid(unsafe_code)]

use catga::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Double {
    number: u32,
}

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Triple {
    number: u32,
}

#[handler]
async fn double(cmd: Double) -> Result<u32> {
    Ok(cmd.number * 2)
}

#[handler(unlinked)]
async fn triple(cmd: Triple) -> Result<u32> {
    Ok(cmd.number * 3)
}

#[tokio::main]
async fn main() -> Result<()> {
    let found = Catga::builder("found").start().await?;
    println!("{}", found.send(Double { number: 21 }).await?);
    println!("{:?}", found.send(Triple { number: 14 }).await.map_err(|error| error.code()));
    found.shutdown().await?;

    let named = Catga::builder("named").handlers(handlers![triple]).start().await?;
    println!("{}", named.send(Triple { number: 14 }).await?);
    named.shutdown().await
}
