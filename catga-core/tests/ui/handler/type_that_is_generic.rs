use catga_core::{FromNode, Request, Result, context::Context, handler, handler::RequestHandler};
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Double(u32);

#[derive(FromNode)]
struct Doubler<T> {
    by: std::sync::Arc<T>,
}

#[handler]
impl<T: Send + Sync + 'static> RequestHandler<Double> for Doubler<T> {
    async fn handle(&self, cmd: Double, _: &Context) -> Result<u32> {
        Ok(cmd.0 * 2)
    }
}

fn main() {}
