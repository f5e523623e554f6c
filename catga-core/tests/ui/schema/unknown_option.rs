use catga_core::Schema;

#[derive(Schema)]
struct Order {
    #[schema(opaqe = "iban")]
    iban: String,
}

fn main() {}
