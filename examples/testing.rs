//! Testing handlers without a node: `cargo run --example testing`.
//!
//! What `main` calls here would be `#[tokio::test]`s.

use std::sync::{Arc, Mutex, PoisonError};

use catga::prelude::*;

#[derive(Request, Serialize, Deserialize)]
#[request(response = u32)]
struct Quote {
    quantity: u32,
}

#[derive(Event, Clone, Serialize, Deserialize)]
struct Quoted {
    price: u32,
}

struct Prices {
    each: u32,
}

/// What the handlers know of mail; a program provides one that sends it.
trait Mailer: Send + Sync {
    fn send(&self, text: String) -> Result<()>;
}

#[handler]
async fn quote(cmd: &Quote, prices: &Prices) -> Result<u32> {
    cmd.quantity.checked_mul(prices.each).ok_or_else(|| Error::validation("that is too much"))
}

#[handler]
async fn tell(event: Quoted, mailer: &dyn Mailer) -> Result<()> {
    mailer.send(format!("it costs {}", event.price))
}

/// A handler that needs no context stays a function, and is called as one.
async fn a_quote_is_quantity_times_price() {
    assert_eq!(quote(&Quote { quantity: 3 }, &Prices { each: 5 }).await.unwrap(), 15);
    let refused = quote(&Quote { quantity: u32::MAX }, &Prices { each: 5 }).await.unwrap_err();
    assert_eq!(refused.code(), Code::Validation);
}

/// Through a mediator it has a context, and the behaviors around it. `handlers!` takes those that the test is about, so that nothing
/// has to be provided for any other.
async fn a_quote_is_found_by_its_message() {
    let mediator = Mediator::builder().handlers(handlers![quote]).provide(Prices { each: 5 }).build().unwrap();
    assert_eq!(mediator.send(Quote { quantity: 3 }).await.unwrap(), 15);
}

/// Keeps what it is given.
#[derive(Default)]
struct FakeMailer(Mutex<Vec<String>>);

impl FakeMailer {
    fn sent(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Mailer for FakeMailer {
    fn send(&self, text: String) -> Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text);
        Ok(())
    }
}

/// In a mediator, unlike on a node, a `publish` has run the handlers when it returns.
async fn a_quote_is_told_by_mail() {
    let mailer = Arc::new(FakeMailer::default());
    let mediator =
        Mediator::builder().handlers(handlers![tell]).provide_as::<dyn Mailer>(mailer.clone()).build().unwrap();
    mediator.publish(Quoted { price: 15 }).await.unwrap();
    assert_eq!(mailer.sent(), ["it costs 15"]);
}

/// What is missing is said before anything runs.
async fn a_fake_that_was_forgotten_is_named() {
    let error = Mediator::builder().handlers(handlers![tell]).build().unwrap_err();
    assert!(error.message().contains("Mailer"), "{error}");
}

#[tokio::main]
async fn main() {
    a_quote_is_quantity_times_price().await;
    a_quote_is_found_by_its_message().await;
    a_quote_is_told_by_mail().await;
    a_fake_that_was_forgotten_is_named().await;
}

#[test]
fn it_runs_to_its_end() {
    main();
}
