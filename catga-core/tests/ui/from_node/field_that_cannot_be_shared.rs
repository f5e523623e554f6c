use catga_core::FromNode;

#[derive(FromNode)]
struct Doubler(std::sync::Arc<std::cell::Cell<u32>>);

fn main() {}
