//! Holds a handler, and nothing that anybody would call.

use catga::prelude::*;
use messages::Double;

#[handler]
async fn double(cmd: Double) -> Result<u32> {
    Ok(cmd.number * 2)
}
