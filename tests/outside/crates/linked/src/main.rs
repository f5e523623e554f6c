//! An application whose only handler lives in a library that no code mentions. The compiler then leaves the whole library out, so the
//! handler isn't there; with the feature `remedy` one line mentions it, and it is.

use catga::prelude::*;
#[cfg(feature = "remedy")]
use handlers as _;
use messages::Double;

#[tokio::main]
async fn main() -> Result<()> {
    let node = Catga::builder("outside").start().await?;
    match node.send(Double { number: 21 }).await {
        Ok(doubled) => println!("{doubled}"),
        Err(error) => println!("{:?}", error.code()),
    }
    node.shutdown().await
}
