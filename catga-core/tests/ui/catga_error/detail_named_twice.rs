use catga_core::CatgaError;

#[derive(Debug, thiserror::Error, CatgaError)]
#[error("missing")]
#[catga(code = NotFound)]
struct Missing {
    #[catga(detail)]
    id: u32,
    #[catga(detail = "id")]
    other: u32,
}

fn main() {}
