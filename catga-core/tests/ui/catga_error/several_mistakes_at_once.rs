use catga_core::CatgaError;

#[derive(Debug, thiserror::Error, CatgaError)]
#[catga(retry, no_retry)]
enum OrderError {
    #[error("missing")]
    #[catga(code = NotFond)]
    Missing {
        #[catga(detail = 7)]
        id: u32,
    },
    #[error("closed")]
    Closed(#[catga(detail)] u8),
    #[error("other")]
    #[catga(transparent, retrry)]
    Other,
}

fn main() {}
