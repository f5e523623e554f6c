use catga_core::CatgaError;

#[derive(Debug, thiserror::Error, CatgaError)]
#[error("{0}")]
#[catga(transparent)]
struct Wrapper(String);

fn main() {}
