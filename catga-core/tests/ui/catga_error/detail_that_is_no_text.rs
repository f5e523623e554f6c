use catga_core::CatgaError;

#[derive(Debug, thiserror::Error, CatgaError)]
#[error("missing")]
#[catga(code = NotFound)]
struct Missing {
    #[catga(detail)]
    id: Vec<u8>,
}

fn main() {}
