//! Who is in a cluster, and what is whose.

use catga_core::error::Code;
use catga_core::transport::{Source, Start, Subscription};

use super::harness::TransportHarness;
use super::stage::{Stage, at_a_time, ok, refused};

/// Two living nodes of a cluster have two names; a name is free when its node has left or died, at the latest when that is noticed.
pub async fn names_are_unique_among_the_living<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let one = stage.node("one").await;
    let twin = stage.join(stage.member("billing", "one")).await.err().expect("a name that is in use is refused");
    assert_eq!(twin.code(), Code::Conflict);
    for named in ["one", "orders", "billing"] {
        assert!(twin.to_string().contains(named), "{twin}: it names {named}");
    }
    ok(one.link.leave().await);
    let again = ok(stage.join(stage.member("billing", "one")).await);
    drop(again);
    // As a node that restarts after a crash does: it waits for its own end to be noticed.
    ok(stage.join(stage.member("orders", "one")).await);
}

/// A request has one owning service among the living; another one is refused, and both are named.
pub async fn a_request_has_one_owner<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let one = stage.node("one").await;
    let rival = || stage.member("billing", "two").owning(["Bill", "Place"]);
    let refused = stage.join(rival()).await.err().expect("a second owner is refused");
    assert_eq!(refused.code(), Code::Conflict);
    for named in ["Place", "orders", "billing"] {
        assert!(refused.to_string().contains(named), "{refused}: it names {named}");
    }
    ok(stage.join(stage.member("billing", "two").owning(["Bill"])).await.map(drop));
    ok(one.link.leave().await);
    ok(stage.join(stage.member("billing", "three").owning(["Bill", "Place"])).await);
}

/// What waits for a command's owner waits for the next owner, too.
pub async fn work_follows_its_owner<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let one = stage.node("one").await;
    one.enqueue(7).await;
    ok(one.link.leave().await);
    let heir = ok(stage.join(stage.member("billing", "two").owning(["Place"])).await);
    assert_eq!(heir.work(1).await.settle(1).await, [7]);
}

/// A node takes the requests and commands that it joined as an owner of, each once, and no others.
pub async fn only_owners_take_requests<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let one = ok(stage.join(stage.member("orders", "one").owning(["Place"])).await);
    let _places = one.places(1).await;
    assert_eq!(refused(one.link.requests("Place", at_a_time(1)).await), Code::Conflict, "once");
    assert_eq!(refused(one.link.requests("Report", at_a_time(1)).await), Code::Validation);
    let source = Source::Work { command: "Report".to_owned() };
    let reports = Subscription { source, in_flight: at_a_time(1) };
    assert_eq!(refused(one.link.subscribe(reports).await), Code::Validation);
}

/// Nothing crosses from one cluster to another, though all names be the same.
pub async fn clusters_are_apart<H: TransportHarness>() {
    let (here, there) = (Stage::<H>::new().await, Stage::<H>::new().await);
    let (one, other) = (here.node("one").await, there.node("one").await);
    let (mut work, mut placed) = (other.work(1).await, other.placed(Start::First, 1).await);
    let mut places = other.places(1).await;
    one.enqueue(0).await;
    one.publish([0]).await;
    assert_eq!(refused(one.link.request(super::stage::command(0), super::stage::LONG).await), Code::Unavailable);
    placed.caught_up().await;
    assert!(work.is_quiet().await && placed.is_quiet().await && places.is_quiet().await);
}
