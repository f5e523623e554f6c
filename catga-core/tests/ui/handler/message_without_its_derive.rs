use catga_core::{Result, handler};

struct Double(u32);

#[handler]
async fn double(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

fn main() {}
