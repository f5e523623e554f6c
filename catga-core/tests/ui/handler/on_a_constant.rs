use catga_core::handler;

#[handler]
const DOUBLE: u32 = 2;

fn main() {}
