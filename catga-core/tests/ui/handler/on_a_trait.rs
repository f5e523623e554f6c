use catga_core::handler;

#[handler]
trait Double {}

fn main() {}
