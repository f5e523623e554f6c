use catga_core::Schema;

#[derive(Schema)]
#[serde(into = "String")]
struct Email(String);

#[derive(Schema)]
#[serde(remote = "other::Point")]
struct Point {
    x: u8,
}

fn main() {}
