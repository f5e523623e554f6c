use catga_core::CatgaError;

#[derive(Debug, thiserror::Error, CatgaError)]
#[error("missing")]
#[catga(code = NotFound, retry = true)]
struct Missing;

fn main() {}
