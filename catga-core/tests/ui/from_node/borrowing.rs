use catga_core::FromNode;

#[derive(FromNode)]
struct Doubler<'a>(std::sync::Arc<&'a str>);

fn main() {}
