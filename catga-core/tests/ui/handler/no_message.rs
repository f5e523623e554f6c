use catga_core::{Result, handler};

#[handler]
async fn double() -> Result<u32> {
    Ok(2)
}

fn main() {}
