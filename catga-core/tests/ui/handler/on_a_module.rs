use catga_core::handler;

#[handler]
mod double {}

fn main() {}
