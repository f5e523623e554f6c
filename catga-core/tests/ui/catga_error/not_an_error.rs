use catga_core::CatgaError;

#[derive(Debug, CatgaError)]
#[catga(code = NotFound)]
struct Missing;

fn main() {}
