//! Testing handlers, without a node and on nodes: `cargo run --example testing`.
//!
//! What `main` calls here would be `#[tokio::test]`s, those with a harness `#[tokio::test(start_paused = true)]`s.

use std::sync::{Arc, Mutex, PoisonError};

use catga::persistence::Letters;
use catga::prelude::*;
use catga_testkit::Harness;

#[derive(Request, Serialize, Deserialize)]
#[request(response = u32)]
struct Quote {
    id: u32,
    quantity: u32,
}

#[derive(Event, Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Quoted {
    id: u32,
    price: u32,
}

/// What was quoted is kept.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Offer {
    id: u32,
    price: u32,
}

impl Document for Offer {
    const NAME: &'static str = "Offer";
    type Key = u32;

    fn key(&self) -> u32 {
        self.id
    }
}

struct Prices {
    each: u32,
}

impl Prices {
    fn of(&self, quantity: u32) -> Result<u32> {
        quantity.checked_mul(self.each).ok_or_else(|| Error::validation("that is too much"))
    }
}

/// What the handlers know of mail; a program provides one that sends it.
trait Mailer: Send + Sync {
    fn send(&self, text: String) -> Result<()>;
}

#[derive(Request, Serialize, Deserialize)]
#[request(response = u32, query)]
struct PriceOf {
    quantity: u32,
}

#[handler]
async fn price_of(query: &PriceOf, prices: &Prices) -> Result<u32> {
    prices.of(query.quantity)
}

#[handler]
async fn quote(cmd: &Quote, prices: &Prices, offers: &Documents<Offer>, cx: &Context) -> Result<u32> {
    let price = prices.of(cmd.quantity)?;
    offers.insert(cx, &Offer { id: cmd.id, price })?;
    cx.publish(Quoted { id: cmd.id, price })?;
    Ok(price)
}

#[handler(once_per = "service")]
async fn tell(event: Quoted, mailer: &dyn Mailer) -> Result<()> {
    mailer.send(format!("it costs {}", event.price))
}

#[handler]
async fn show(_: &Quoted) -> Result<()> {
    Ok(())
}

/// Keeps what it is given, after it was away for some attempts.
#[derive(Default)]
struct FakeMailer {
    fails: Mutex<u32>,
    sent: Mutex<Vec<String>>,
}

impl FakeMailer {
    fn away_for(attempts: u32) -> Arc<Self> {
        Arc::new(Self { fails: Mutex::new(attempts), ..Self::default() })
    }

    fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Mailer for FakeMailer {
    fn send(&self, text: String) -> Result<()> {
        let mut fails = self.fails.lock().unwrap_or_else(PoisonError::into_inner);
        if *fails > 0 {
            *fails -= 1;
            return Err(Error::unavailable("the mail server is away"));
        }
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(text);
        Ok(())
    }
}

/// Without a node: what one handler does.
mod alone {
    use super::*;

    /// A handler that needs no context stays a function, and is called as one.
    pub(super) async fn a_price_is_quantity_times_each() {
        assert_eq!(price_of(&PriceOf { quantity: 3 }, &Prices { each: 5 }).await.unwrap(), 15);
        let refused = price_of(&PriceOf { quantity: u32::MAX }, &Prices { each: 5 }).await.unwrap_err();
        assert_eq!(refused.code(), Code::Validation);
    }

    /// Through a mediator it has a context, and the behaviors around it. `handlers!` takes those that the test is about, so that nothing
    /// has to be provided for any other.
    pub(super) async fn a_price_is_found_by_its_message() {
        let mediator = Mediator::builder().handlers(handlers![price_of]).provide(Prices { each: 5 }).build().unwrap();
        assert_eq!(mediator.send(PriceOf { quantity: 3 }).await.unwrap(), 15);
    }

    /// In a mediator, unlike on a node, a `publish` has run the handlers when it returns.
    pub(super) async fn a_quote_is_told_by_mail() {
        let mailer = FakeMailer::away_for(0);
        let mediator =
            Mediator::builder().handlers(handlers![tell]).provide_as::<dyn Mailer>(mailer.clone()).build().unwrap();
        mediator.publish(Quoted { id: 7, price: 15 }).await.unwrap();
        assert_eq!(mailer.sent(), ["it costs 15"]);
    }

    /// What is missing is said before anything runs.
    pub(super) async fn a_fake_that_was_forgotten_is_named() {
        let error = Mediator::builder().handlers(handlers![tell]).build().unwrap_err();
        assert!(error.message().contains("Mailer"), "{error}");
    }
}

/// On nodes: what all of them make of a message, until nothing is left to do. Time is virtual, so no retry and no delay makes a test wait.
mod on_nodes {
    use super::*;

    async fn node(harness: &Harness, mailer: &Arc<FakeMailer>) -> Node {
        let handlers = handlers![quote, tell, show];
        let start = harness.start("quotes", |node| {
            node.provide(Prices { each: 5 }).provide_as::<dyn Mailer>(mailer.clone()).handlers(handlers)
        });
        start.await.unwrap()
    }

    pub(super) async fn a_quote_is_kept_shown_by_each_node_and_told_once() {
        let (harness, mailer) = (Harness::new(), FakeMailer::away_for(0));
        let one = node(&harness, &mailer).await;
        let _two = node(&harness, &mailer).await;

        assert_eq!(one.send(Quote { id: 7, quantity: 3 }).await.unwrap(), 15);
        harness.quiet().await.unwrap();

        assert_eq!(harness.documents::<Offer>().await.unwrap(), [Offer { id: 7, price: 15 }]);
        assert_eq!(harness.published::<Quoted>(), [Quoted { id: 7, price: 15 }]);
        assert_eq!((harness.handled("show"), harness.handled("tell")), (2, 1));
        assert_eq!(mailer.sent(), ["it costs 15"]);
    }

    pub(super) async fn mail_that_fails_is_sent_later() {
        let (harness, mailer) = (Harness::new(), FakeMailer::away_for(4));
        let node = node(&harness, &mailer).await;
        node.publish(Quoted { id: 7, price: 15 }).await.unwrap();
        harness.quiet().await.unwrap();

        assert_eq!((harness.retried("tell"), harness.handled("tell")), (4, 1));
        assert_eq!(mailer.sent(), ["it costs 15"]);
    }

    pub(super) async fn mail_that_fails_for_too_long_is_a_dead_letter_until_somebody_replays_it() {
        let (harness, mailer) = (Harness::new(), FakeMailer::away_for(10));
        let node = node(&harness, &mailer).await;
        node.publish(Quoted { id: 7, price: 15 }).await.unwrap();
        harness.quiet().await.unwrap();
        assert_eq!(harness.handled("tell"), 0);
        assert_eq!(harness.dead().await.unwrap()[0].error().message(), "the mail server is away");

        node.dead_letters().replay_all(&Letters::default(), "ada").await.unwrap();
        harness.quiet().await.unwrap();
        assert_eq!((harness.handled("tell"), harness.handled("show")), (1, 1));
        assert!(harness.dead().await.unwrap().is_empty());
        assert_eq!(mailer.sent(), ["it costs 15"]);
    }
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    alone::a_price_is_quantity_times_each().await;
    alone::a_price_is_found_by_its_message().await;
    alone::a_quote_is_told_by_mail().await;
    alone::a_fake_that_was_forgotten_is_named().await;
    on_nodes::a_quote_is_kept_shown_by_each_node_and_told_once().await;
    on_nodes::mail_that_fails_is_sent_later().await;
    on_nodes::mail_that_fails_for_too_long_is_a_dead_letter_until_somebody_replays_it().await;
}

#[test]
fn it_runs_to_its_end() {
    main();
}
