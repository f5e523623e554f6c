use catga_core::{Request, handler};
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Double(u32);

#[handler(once_per = "node", colour = "blue")]
fn double<T>(_: &mut Double, _: u32) {}

fn main() {}
