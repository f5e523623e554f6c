use catga_core::Schema;

struct Item;

#[derive(Schema)]
struct Order {
    id: u64,
    items: Vec<Item>,
}

fn main() {}
