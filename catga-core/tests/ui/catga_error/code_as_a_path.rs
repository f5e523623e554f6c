use catga_core::CatgaError;

#[derive(Debug, thiserror::Error, CatgaError)]
#[error("missing")]
#[catga(code = Code::NotFound, retry)]
struct Missing;

fn main() {}
