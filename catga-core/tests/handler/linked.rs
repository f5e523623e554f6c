//! Handlers that the linker finds: all that a mediator has when it is given none by name.
//!
//! These are the only linked ones of this program.

use catga_core::context::Context;
use catga_core::handler::{EventHandler, RequestHandler};
use catga_core::mediator::Mediator;
use catga_core::{Code, Event, FromNode, Request, Result, handler};
use serde::{Deserialize, Serialize};

#[derive(Request, Serialize, Deserialize)]
#[request(response = u32)]
pub(crate) struct Increment(u32);

#[handler]
async fn increment(cmd: Increment) -> Result<u32> {
    Ok(cmd.0 + 1)
}

#[derive(Request, Serialize, Deserialize)]
#[request(response = u32)]
struct Decrement(u32);

#[derive(FromNode)]
struct Decrementer;

#[handler]
impl RequestHandler<Decrement> for Decrementer {
    async fn handle(&self, request: Decrement, _: &Context) -> Result<u32> {
        Ok(request.0 - 1)
    }
}

#[derive(Event, Clone, Serialize, Deserialize)]
struct Incremented;

#[handler]
impl EventHandler<Incremented> for Decrementer {
    async fn handle(&self, _: Incremented, _: &Context) -> Result<()> {
        Ok(())
    }
}

#[derive(Request, Serialize, Deserialize)]
#[request(response = ())]
struct Work;

#[handler(role = "worker")]
async fn work(_: Work) -> Result<()> {
    Ok(())
}

#[tokio::test]
async fn what_the_linker_finds_is_dispatched_to() {
    let mediator = Mediator::builder().build().unwrap();
    assert_eq!(mediator.send(Increment(1)).await.unwrap(), 2);
    assert_eq!(mediator.send(Decrement(1)).await.unwrap(), 0);
    mediator.publish(Incremented).await.unwrap();
}

#[tokio::test]
async fn a_handler_with_a_role_is_left_out_where_nobody_has_the_role() {
    let mediator = Mediator::builder().build().unwrap();
    assert_eq!(mediator.send(Work).await.unwrap_err().code(), Code::NoHandler);
    let names: Vec<_> = mediator.handlers().iter().map(|handler| handler.name()).collect();
    assert_eq!(names, ["Decrementer", "increment", "Decrementer"]);
}
