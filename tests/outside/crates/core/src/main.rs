//! Depends on `catga-core` alone.

fn main() -> catga_core::Result<()> {
    let error = catga_core::Error::new(catga_core::Code::Validation, "no customer");
    println!("{error}");
    Ok(())
}
