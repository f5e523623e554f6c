use catga_core::handler;

struct Doubler;

#[handler]
impl Doubler {}

fn main() {}
