use catga_core::CatgaError;

#[derive(Debug, thiserror::Error, CatgaError)]
enum OrderError {
    #[error("missing")]
    Missing,
    #[error("closed")]
    #[catga(retry)]
    Closed,
}

fn main() {}
