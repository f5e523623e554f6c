use catga_core::{FromNode, Request, Result, context::Context, handler, handler::EventHandler};
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Double(u32);

#[derive(FromNode)]
struct Doubler;

#[handler]
impl EventHandler<Double> for Doubler {
    async fn handle(&self, _: Double, _: &Context) -> Result<()> {
        Ok(())
    }
}

fn main() {}
