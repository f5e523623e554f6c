use catga_core::CatgaError;

#[derive(Debug, thiserror::Error, CatgaError)]
#[error("missing")]
#[catga(code = NotFound)]
struct Missing(#[catga(detail)] u32);

fn main() {}
