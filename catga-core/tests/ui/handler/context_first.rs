use catga_core::{Result, context::Context, handler};

#[handler]
async fn double(cx: &Context) -> Result<()> {
    cx.cancelled().await;
    Ok(())
}

fn main() {}
