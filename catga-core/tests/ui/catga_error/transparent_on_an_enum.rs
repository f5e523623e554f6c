use catga_core::CatgaError;

#[derive(Debug, thiserror::Error, CatgaError)]
#[catga(transparent)]
enum OrderError {
    #[error("other")]
    #[catga(code = Internal)]
    Other(catga_core::Error),
}

fn main() {}
