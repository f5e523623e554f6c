use catga_core::CatgaError;

#[derive(Debug, thiserror::Error, CatgaError)]
#[error(transparent)]
#[catga(transparent, code = NotFound, retry)]
struct Wrapper(#[catga(detail = "inner")] catga_core::Error);

fn main() {}
