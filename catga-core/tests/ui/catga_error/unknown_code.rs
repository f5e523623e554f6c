use catga_core::CatgaError;

#[derive(Debug, thiserror::Error, CatgaError)]
enum OrderError {
    #[error("missing")]
    #[catga(code = Notfound)]
    Missing,
    #[error("other")]
    #[catga(code = Xyz)]
    Other,
}

fn main() {}
