use catga_core::{Request, handlers, mediator::Mediator};
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Double(u32);

struct Doubler;

fn main() {
    let _ = Mediator::builder().handlers(handlers![Doubler for Double]);
}
