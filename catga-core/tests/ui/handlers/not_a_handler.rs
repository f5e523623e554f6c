use catga_core::{handlers, mediator::Mediator};

mod orders {
    pub async fn ship() {}
}

async fn double() {}

fn main() {
    double();
    orders::ship();
    let _ = Mediator::builder().handlers(handlers![double, orders::ship]);
}
