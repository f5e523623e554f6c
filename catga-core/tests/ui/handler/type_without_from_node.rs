use catga_core::{Request, Result, context::Context, handler, handler::RequestHandler};
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Double(u32);

struct Doubler;

#[handler]
impl RequestHandler<Double> for Doubler {
    async fn handle(&self, cmd: Double, _: &Context) -> Result<u32> {
        Ok(cmd.0 * 2)
    }
}

fn main() {}
