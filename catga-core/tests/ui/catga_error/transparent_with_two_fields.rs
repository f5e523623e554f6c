use catga_core::CatgaError;

#[derive(Debug, thiserror::Error, CatgaError)]
enum OrderError {
    #[error("{0}, {1}")]
    #[catga(transparent)]
    Other(catga_core::Error, u8),
}

fn main() {}
