use catga_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Event, Clone, Serialize, Deserialize)]
#[event(name = "orders > doubled")]
struct Doubled(u32);

fn main() {}
