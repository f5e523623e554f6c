//! What is wrong with handlers is told when a mediator is built, all of it, in full.

use std::sync::Arc;

use catga_core::context::Context;
use catga_core::handler::{Registration, RequestHandler};
use catga_core::mediator::Mediator;
use catga_core::{Code, Event, FromNode, Request, Result, handler, handlers};
use serde::{Deserialize, Serialize};

#[derive(Request, Serialize, Deserialize)]
#[request(response = ())]
struct Ship;

#[derive(Event, Clone, Serialize, Deserialize)]
struct Shipped;

struct Depot;

trait Carrier: Send + Sync {}

/// What a mediator with these handlers and nothing provided says of why it can't be built, a line each.
fn refusal(handlers: impl IntoIterator<Item = &'static Registration>) -> String {
    let error = Mediator::builder().handlers(handlers).build().unwrap_err();
    assert_eq!(error.code(), Code::Validation);
    let (head, problems) = error.message().split_once('\n').unwrap();
    assert_eq!(head, "this mediator can't be built:");
    problems.to_owned()
}

/// Where a handler stands.
fn place(handler: &Registration) -> String {
    handler.info().location().to_string()
}

fn lacks_depot_and_carrier(name: &str, handler: &Registration) -> String {
    let handler = format!("`{name}` for `Ship` ({})", place(handler));
    format!(
        "  - {handler} asks for `handler::start::Depot`, which nobody provided: call `.provide(…)` before the start\n  \
         - {handler} asks for `dyn handler::start::Carrier`, which nobody provided: \
         call `.provide_as::<dyn handler::start::Carrier>(…)` before the start"
    )
}

#[handler(unlinked)]
async fn ship(_: &Ship, _: &Depot, _: &dyn Carrier) -> Result<()> {
    Ok(())
}

#[test]
fn everything_that_nobody_provided_is_named() {
    let [ship] = handlers![ship];
    assert_eq!(refusal([ship]), lacks_depot_and_carrier("ship", ship));
}

#[derive(FromNode)]
struct Shipper {
    _depot: Arc<Depot>,
    _carrier: Arc<dyn Carrier>,
}

#[handler(unlinked)]
impl RequestHandler<Ship> for Shipper {
    async fn handle(&self, _: Ship, _: &Context) -> Result<()> {
        Ok(())
    }
}

#[test]
fn every_field_that_nobody_provided_is_named() {
    let [shipper] = handlers![Shipper for Ship];
    assert_eq!(refusal([shipper]), lacks_depot_and_carrier("Shipper", shipper));
}

#[handler(unlinked)]
async fn ship_it(_: Ship) -> Result<()> {
    Ok(())
}

#[handler(unlinked)]
async fn ship_it_again(_: Ship) -> Result<()> {
    Ok(())
}

#[test]
fn two_handlers_of_one_request_are_both_named() {
    let [one, other] = handlers![ship_it, ship_it_again];
    assert_eq!(
        refusal([other, one]),
        format!(
            "  - two handlers for the command `Ship`: `ship_it` for `Ship` ({}) and `ship_it_again` for `Ship` ({}); \
             a request has one, so remove one or give it a role",
            place(one),
            place(other)
        )
    );
}

#[handler(unlinked)]
async fn tell(_: Shipped) -> Result<()> {
    Ok(())
}

#[handler(unlinked, name = "tell")]
async fn tell_too(_: Shipped) -> Result<()> {
    Ok(())
}

#[handler(unlinked, was = "tell")]
async fn tell_now(_: Shipped) -> Result<()> {
    Ok(())
}

#[test]
fn two_handlers_of_one_name_are_both_named() {
    let [one, other, renamed] = handlers![tell, tell_too, tell_now];
    let share = |of_one: &str, of_other: &str, other| {
        format!(
            "  - `{of_one}` for `Shipped` ({}) and `{of_other}` for `Shipped` ({}) share the name `tell`: \
             give one of them another, with `#[handler(name = \"…\")]`",
            place(one),
            place(other)
        )
    };
    assert_eq!(refusal([one, other]), share("tell", "tell", other));
    assert_eq!(refusal([renamed, one]), share("tell", "tell_now", renamed));
}

/// A message of another team, with a name that is taken.
mod elsewhere {
    use super::{Deserialize, Event, Serialize};

    #[derive(Event, Clone, Serialize, Deserialize)]
    pub(super) struct Shipped;
}

#[handler(unlinked)]
async fn tell_of_another(_: elsewhere::Shipped) -> Result<()> {
    Ok(())
}

#[test]
fn two_types_of_one_wire_name_are_both_named() {
    let [one, other] = handlers![tell, tell_of_another];
    assert_eq!(
        refusal([one, other]),
        "  - `handler::start::Shipped` and `handler::start::elsewhere::Shipped` travel under one name, `Shipped`: \
         give one of them another, with `name = \"…\"` in its derive"
    );
}
