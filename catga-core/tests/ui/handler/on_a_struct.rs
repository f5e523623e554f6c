use catga_core::handler;

#[handler]
struct Double;

fn main() {}
