use catga_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Event, Clone, Serialize, Deserialize)]
#[event(response = u32, nmae = "x")]
struct Doubled(u32);

fn main() {}
