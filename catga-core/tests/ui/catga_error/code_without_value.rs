use catga_core::CatgaError;

#[derive(Debug, thiserror::Error, CatgaError)]
#[error("missing")]
#[catga(code)]
struct Missing;

fn main() {}
