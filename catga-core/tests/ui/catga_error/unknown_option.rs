use catga_core::CatgaError;

#[derive(Debug, thiserror::Error, CatgaError)]
#[error("missing")]
#[catga(cod = NotFound, code = NotFound)]
struct Missing {
    #[catga(details)]
    id: u32,
}

fn main() {}
