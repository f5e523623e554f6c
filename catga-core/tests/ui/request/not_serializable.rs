use catga_core::Request;

#[derive(Request)]
#[request(response = u32)]
struct Double(u32);

fn main() {}
