//! Behaviors, the layers around handlers: `cargo run --example behaviors`.
//!
//! They stand around the handlers in the order in which they were added, the first one outermost.

#![expect(clippy::print_stdout, reason = "an example speaks to the person who runs it")]

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use catga::{
    behaviors::{Answered, Behavior, BehaviorFor, Next, NextFor},
    message::Kind,
    prelude::*,
};

#[derive(Request, Serialize, Deserialize)]
#[request(response = u32)]
struct Add(u32, u32);

#[derive(Request, Serialize, Deserialize)]
#[request(response = String, query)]
struct Version;

#[handler]
async fn add(cmd: &Add) -> Result<u32> {
    cmd.0.checked_add(cmd.1).ok_or_else(|| Error::validation("the sum is too large"))
}

#[handler]
async fn version(_: &Version) -> Result<String> {
    Ok("1".to_owned())
}

/// Around every message: counts those that fail.
#[derive(Clone, Default)]
struct Failed(Arc<AtomicU32>);

impl Behavior for Failed {
    async fn around(&self, next: Next<'_>) -> Result<Answered> {
        let handler = next.handler();
        let answered = next.run().await;
        if let Err(error) = &answered {
            println!("{} failed: {error}", handler.name());
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        answered
    }
}

/// Around every command: lets nothing through without somebody to answer for it.
struct OnBehalfOfSomebody;

impl Behavior for OnBehalfOfSomebody {
    async fn around(&self, next: Next<'_>) -> Result<Answered> {
        if next.context().principal().is_none() {
            return Err(Error::unauthorized("say on whose behalf"));
        }
        next.run().await
    }
}

/// Around one message: sees it with its type, and may change the result.
struct AtMost(u32);

impl BehaviorFor<Add> for AtMost {
    async fn around(&self, next: NextFor<'_, Add>) -> Result<u32> {
        Ok(next.run().await?.min(self.0))
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let failed = Failed::default();
    // A node's builder takes them in the same way.
    let mediator = Mediator::builder()
        .behavior(failed.clone())
        .behavior_for_kind(Kind::Command, OnBehalfOfSomebody)
        .behavior_for::<Add>(AtMost(100))
        .build()?;

    assert_eq!(mediator.send(Add(2, 3)).as_principal("ada").await?, 5);
    assert_eq!(mediator.send(Add(99, 99)).as_principal("ada").await?, 100);
    assert_eq!(mediator.send(Version).await?, "1");

    let refused = mediator.send(Add(2, 3)).await.expect_err("nobody answers for it");
    assert_eq!(refused.code(), Code::Unauthorized);
    assert_eq!(failed.0.load(Ordering::Relaxed), 1);
    Ok(())
}

#[test]
fn it_runs_to_its_end() {
    main().unwrap();
}
