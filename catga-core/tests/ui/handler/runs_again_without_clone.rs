use catga_core::{FromNode, Request, Result, Schema, context::Context, handler, handler::RequestHandler, persistence::{Document, Documents}};
use serde::{Deserialize, Serialize};

#[derive(Request, Serialize, Deserialize)]
#[request(response = ())]
struct Place(u32);

#[derive(Serialize, Deserialize, Schema)]
struct Order(u32);

impl Document for Order {
    const NAME: &'static str = "orders";
    type Key = u32;

    fn key(&self) -> u32 {
        self.0
    }
}

#[handler]
async fn place(cmd: Place, orders: &Documents<Order>, cx: &Context) -> Result<()> {
    orders.insert(cx, &Order(cmd.0))
}

#[derive(FromNode)]
struct Placer {
    orders: Documents<Order>,
}

#[handler]
impl RequestHandler<Place> for Placer {
    async fn handle(&self, cmd: Place, cx: &Context) -> Result<()> {
        self.orders.insert(cx, &Order(cmd.0))
    }
}

fn main() {}
