use catga_core::Schema;

#[derive(Schema)]
#[serde(transparent)]
struct Pair(u8, u8);

fn main() {}
