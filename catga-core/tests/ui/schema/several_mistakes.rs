use catga_core::Schema;

#[derive(Schema)]
struct Order<'a> {
    #[schema(opaque = " ")]
    blank: String,
    #[schema(as = String, opaque = "text")]
    both: String,
    #[schema(as)]
    nothing: String,
    #[serde(rename(serialize = "one", deserialize = "other"))]
    two_names: &'a str,
}

fn main() {}
