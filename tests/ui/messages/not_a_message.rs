fn send<M: catga_core::Message>() {}

struct Order;

fn main() {
    send::<Order>();
}
