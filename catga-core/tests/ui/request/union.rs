use catga_core::Request;

#[derive(Request)]
#[request(response = u32)]
union Double {
    number: u32,
}

fn main() {}
