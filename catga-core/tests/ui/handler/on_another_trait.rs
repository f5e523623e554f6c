use catga_core::handler;

struct Doubler;

#[handler]
impl std::fmt::Debug for Doubler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Doubler")
    }
}

#[handler]
impl From<u32> for Doubler {
    fn from(_: u32) -> Self {
        Self
    }
}

fn main() {}
