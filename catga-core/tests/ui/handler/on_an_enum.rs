use catga_core::handler;

#[handler]
enum Double {}

fn main() {}
