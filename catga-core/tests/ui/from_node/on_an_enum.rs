use catga_core::FromNode;

#[derive(FromNode)]
enum Doubler {}

#[derive(FromNode)]
union Tripler {
    number: u32,
}

fn main() {}
