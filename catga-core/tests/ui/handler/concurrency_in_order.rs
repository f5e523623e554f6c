use catga_core::{Event, Result, handler};
use serde::{Deserialize, Serialize};

#[derive(Event, Clone, Serialize, Deserialize)]
struct Doubled(u32);

#[handler(replay, concurrency = 4)]
async fn view(_: Doubled) -> Result<()> {
    Ok(())
}

#[handler(concurrency = 4, resume)]
async fn follow(_: Doubled) -> Result<()> {
    Ok(())
}

fn main() {}
