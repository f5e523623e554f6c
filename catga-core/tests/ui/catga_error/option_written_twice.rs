use catga_core::CatgaError;

#[derive(Debug, thiserror::Error, CatgaError)]
#[error("missing")]
#[catga(code = NotFound, code = Conflict)]
struct Missing;

fn main() {}
