use catga_core::Event;

#[derive(Event, Clone)]
struct Doubled(u32);

fn main() {}
