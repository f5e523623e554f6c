use catga_core::FromNode;

struct Mailer;

#[derive(FromNode)]
struct Doubler {
    mailer: Mailer,
    _mailer: std::sync::Arc<Mailer>,
    number: u32,
}

fn main() {}
