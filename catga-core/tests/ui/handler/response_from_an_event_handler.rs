use catga_core::{Event, Result, handler};
use serde::{Deserialize, Serialize};

#[derive(Event, Clone, Serialize, Deserialize)]
struct Doubled(u32);

#[handler]
async fn note(event: Doubled) -> Result<u32> {
    Ok(event.0)
}

fn main() {}
