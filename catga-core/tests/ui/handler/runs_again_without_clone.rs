use catga_core::{FromNode, Request, Result, context::Context, handler, handler::{RequestHandler, Resolver}};
use serde::{Deserialize, Serialize};

#[derive(Request, Serialize, Deserialize)]
#[request(response = u32)]
struct Double(u32);

/// What others may change while a handler runs.
struct Shared;

impl FromNode for Shared {
    const RUNS_AGAIN: bool = true;

    fn from_node(_: &mut Resolver<'_>) -> Option<Self> {
        Some(Self)
    }
}

#[handler]
async fn double(cmd: Double, _: &Shared) -> Result<u32> {
    Ok(cmd.0 * 2)
}

#[derive(FromNode)]
struct Doubler {
    _shared: Shared,
}

#[handler]
impl RequestHandler<Double> for Doubler {
    async fn handle(&self, cmd: Double, _: &Context) -> Result<u32> {
        Ok(cmd.0 * 2)
    }
}

fn main() {}
