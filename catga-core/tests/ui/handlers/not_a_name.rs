use catga_core::{handlers, mediator::Mediator};

fn main() {
    let _ = Mediator::builder().handlers(handlers![&str, 7]);
}
