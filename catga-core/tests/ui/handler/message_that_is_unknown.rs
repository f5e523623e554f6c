use catga_core::{Result, handler};

#[handler]
async fn double(cmd: Dubble) -> Result<u32> {
    Ok(cmd.0 * 2)
}

fn main() {}
