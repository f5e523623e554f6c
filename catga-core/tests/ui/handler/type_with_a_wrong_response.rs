use catga_core::{FromNode, Request, Result, context::Context, handler, handler::RequestHandler};
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Double(u32);

#[derive(FromNode)]
struct Doubler;

#[handler]
impl RequestHandler<Double> for Doubler {
    async fn handle(&self, cmd: Double, _: &Context) -> Result<String> {
        Ok(cmd.0.to_string())
    }
}

fn main() {}
