use catga_core::{Event, Request};
use serde::{Deserialize, Serialize};

#[derive(Request, Event, Clone, Serialize, Deserialize)]
#[request(response = ())]
struct Double(u32);

fn main() {}
