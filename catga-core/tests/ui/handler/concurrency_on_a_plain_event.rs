use catga_core::{Event, Result, handler};
use serde::{Deserialize, Serialize};

#[derive(Event, Clone, Serialize, Deserialize)]
struct Doubled(u32);

#[handler(concurrency = 4)]
async fn note(_: Doubled) -> Result<()> {
    Ok(())
}

fn main() {}
