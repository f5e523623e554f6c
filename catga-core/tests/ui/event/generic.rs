use catga_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Event, Clone, Serialize, Deserialize)]
struct Doubled<T>(T);

fn main() {}
