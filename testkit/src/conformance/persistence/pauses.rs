//! Which handlers are paused.

use super::PersistenceHarness;
use super::stage::Stage;

/// A handler that is paused is so for every node of the service, and for no other service, until it is resumed.
pub async fn pauses_are_the_services<H: PersistenceHarness>() {
    let stage = Stage::<H>::new().await;
    let (node, other) = (stage.node().await, stage.node().await);
    node.pause("Ship/ship", "ada").await.unwrap();
    node.pause("Placed/count", "bob").await.unwrap();
    other.pause("Ship/ship", "eve").await.unwrap();
    let paused = other.paused().await.unwrap();
    let seen = Vec::from_iter(paused.iter().map(|paused| (&*paused.handler, &*paused.by)));
    assert_eq!(seen, [("Placed/count", "bob"), ("Ship/ship", "ada")], "the first one to pause it");
    assert!(stage.node_of(stage.harness.cluster(), "billing").await.paused().await.unwrap().is_empty());

    assert!(other.resume("Ship/ship", "bob").await.unwrap());
    assert!(!node.resume("Ship/ship", "ada").await.unwrap());
    let paused = node.paused().await.unwrap();
    assert_eq!(Vec::from_iter(paused.iter().map(|paused| &*paused.handler)), ["Placed/count"]);
}
