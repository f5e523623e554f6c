use catga_core::{Event, Result, handler};
use serde::{Deserialize, Serialize};

#[derive(Event, Clone, Serialize, Deserialize)]
struct Doubled(u32);

#[handler(resume, replay)]
async fn view(_: Doubled) -> Result<()> {
    Ok(())
}

#[handler(once_per = "service", resume)]
async fn follow(_: Doubled) -> Result<()> {
    Ok(())
}

fn main() {}
