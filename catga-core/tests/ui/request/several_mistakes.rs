use catga_core::Request;
use serde::{Deserialize, Serialize};

#[derive(Request, Serialize, Deserialize)]
#[request(name = "a b", sync)]
struct Double<T> {
    #[schema(as)]
    number: T,
}

fn main() {}
