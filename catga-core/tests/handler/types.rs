//! Handler types, whose fields are what they ask for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use catga_core::context::Context;
use catga_core::handler::RequestHandler;
use catga_core::mediator::Mediator;
use catga_core::{Event, FromNode, Request, Result, handler, handlers};
use serde::{Deserialize, Serialize};

struct Rate(u32);

struct Total(AtomicU32);

#[derive(Request, Serialize, Deserialize)]
#[request(response = u32)]
struct Charge(u32);

#[derive(Event, Clone, Serialize, Deserialize)]
struct Charged(u32);

/// With fields of each kind: provided, and made of further ones.
#[derive(FromNode)]
struct Cashier {
    rate: Arc<Rate>,
    till: Till,
}

#[derive(FromNode)]
struct Till(Arc<Total>, Sealed);

#[derive(FromNode)]
struct Sealed;

#[handler(unlinked)]
impl RequestHandler<Charge> for Cashier {
    async fn handle(&self, Charge(amount): Charge, _: &Context) -> Result<u32> {
        let charged = amount * self.rate.0;
        self.till.0.0.fetch_add(charged, Ordering::Relaxed);
        Ok(charged)
    }
}

#[handler(unlinked, name = "second-look")]
impl catga_core::handler::EventHandler<Charged> for Cashier {
    async fn handle(&self, event: Charged, cx: &Context) -> Result<()> {
        tokio::task::yield_now().await;
        assert_eq!(cx.handler().name(), "second-look");
        self.till.0.0.fetch_add(event.0, Ordering::Relaxed);
        Ok(())
    }
}

#[tokio::test]
async fn a_type_handles_each_message_that_it_implements_a_handler_for() {
    let total = Arc::new(Total(AtomicU32::new(0)));
    let mediator = Mediator::builder()
        .provide(Rate(3))
        .provide_as(total.clone())
        .handlers(handlers![Cashier for Charge, Cashier for Charged])
        .build()
        .unwrap();
    assert_eq!(mediator.send(Charge(5)).await.unwrap(), 15);
    mediator.publish(Charged(100)).await.unwrap();
    assert_eq!(total.0.load(Ordering::Relaxed), 115);
    let names: Vec<_> = mediator.handlers().iter().map(|handler| handler.name()).collect();
    assert_eq!(names, ["Cashier", "second-look"]);
}

/// One whose parameter is settled where it is used.
#[derive(FromNode)]
struct Generic<T> {
    value: Arc<T>,
}

#[handler(unlinked)]
impl RequestHandler<Charge> for Generic<Rate> {
    async fn handle(&self, request: Charge, _: &Context) -> Result<u32> {
        Ok(request.0 + self.value.0)
    }
}

#[tokio::test]
async fn a_type_may_have_parameters_that_its_implementation_settles() {
    let handlers = handlers![Generic<Rate> for Charge];
    let mediator = Mediator::builder().provide(Rate(3)).handlers(handlers).build().unwrap();
    assert_eq!(mediator.send(Charge(5)).await.unwrap(), 8);
}
