use catga_core::CatgaError;

#[derive(CatgaError)]
union Missing {
    id: u32,
}

fn main() {}
