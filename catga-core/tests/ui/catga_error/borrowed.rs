use catga_core::CatgaError;

#[derive(Debug, thiserror::Error, CatgaError)]
#[error("missing {0}")]
#[catga(code = NotFound)]
struct Missing<'a>(&'a str);

fn main() {}
