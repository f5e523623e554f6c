//! Requests and their replies.

use std::time::Duration;

use catga_core::envelope::Reply;
use catga_core::error::{Code, Error};
use catga_core::transport::Frame;
use tokio::time::Instant;

use super::harness::TransportHarness;
use super::stage::{Stage, all, answer, answered, assert_on_time, command, end, number, ok, refused, report};

const SECOND: Duration = Duration::from_secs(1);

/// Parallel requests never swap replies.
pub async fn request_gets_its_own_reply<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    one.places(64).await.echo();
    two.places(64).await.echo();
    let calls = (0..300_u32).map(|body| {
        let caller = if body % 2 == 0 { &one } else { &two };
        async move { assert_eq!(answer(caller.ask(command(body)).await).await, body.to_be_bytes()) }
    });
    all(calls).await;
}

/// A handler's failure arrives as what it is, and not as silence.
pub async fn request_error_is_an_answer<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let mut places = two.places(1).await;
    let mut replies = one.ask(command(0)).await;
    let failed = Error::not_found("no such order").with_detail("order", 7).with_source(Error::internal("no such key"));
    ok(places.next().await.reply(Reply::Failed(failed)).await);
    let Frame::Reply(Reply::Failed(error)) = ok(replies.next().await) else { panic!("it failed") };
    assert_eq!((error.code(), error.message(), error.can_retry()), (Code::NotFound, "no such order", false));
    assert_eq!(error.detail("order"), Some("7"));
    assert_eq!(error.chain().to_string(), "no such order: no such key");
}

/// Silence ends when the time is up: [`Timeout`](Code::Timeout) where no node got the request, else [`OutcomeUnknown`](Code::OutcomeUnknown).
/// A transport that can't tell the first says the second.
pub async fn request_ends_at_deadline<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let mut places = two.places(1).await;
    let start = Instant::now();
    let got = ok(one.link.request(command(0), SECOND).await);
    let _held = places.next().await;
    let not_got = ok(one.link.request(command(1), SECOND).await);
    assert!(matches!(end(not_got).await, Code::Timeout | Code::OutcomeUnknown));
    assert_eq!(end(got).await, Code::OutcomeUnknown, "it is with a node, so anything may have happened");
    assert_on_time(start, SECOND, H::TIMING.late + H::TIMING.arrival);
}

/// Where nobody listens the caller is told at once, and knows that nothing ran.
pub async fn request_no_responder_fast<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let one = stage.node("one").await;
    let start = Instant::now();
    let unowned = super::stage::event("Unknown", 0);
    assert!(matches!(refused(one.link.request(unowned, 60 * SECOND).await), Code::NoHandler | Code::Unavailable));
    assert_eq!(refused(one.link.request(command(0), 60 * SECOND).await), Code::Unavailable, "no node takes them yet");

    let places = one.places(1).await;
    ok(one.link.request(command(1), 60 * SECOND).await);
    places.requests.close().await;
    assert_eq!(refused(one.link.request(command(2), 60 * SECOND).await), Code::Unavailable, "nor any longer");
    assert_on_time(start, Duration::ZERO, 4 * H::TIMING.arrival);
}

/// Late replies, and those that nobody waits for, reach no other caller.
pub async fn request_late_reply_dropped<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let mut places = two.places(8).await;
    let left = one.ask(command(0)).await;
    let of_left = places.next().await;
    drop(left);
    let ended = ok(one.link.request(command(1), SECOND / 2).await);
    let of_ended = places.next().await;
    assert_eq!(end(ended).await, Code::OutcomeUnknown);

    let waiting = one.ask(command(2)).await;
    for late in [of_left, of_ended] {
        let body = number(late.envelope()).to_be_bytes();
        ok(late.reply(answered(body.to_vec())).await);
    }
    ok(places.next().await.reply(answered(vec![2])).await);
    assert_eq!(answer(waiting).await, [2]);
}

/// A request whose time is up is handed to nobody.
pub async fn expired_not_delivered<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let mut places = two.places(1).await;
    let _first = one.ask(command(0)).await;
    let held = places.next().await;
    let expires = ok(one.link.request(command(1), SECOND / 2).await);
    let stays = one.ask(command(2)).await;
    end(expires).await;
    ok(held.reply(answered(vec![])).await);
    let next = places.next().await;
    assert_eq!(number(next.envelope()), 2);
    ok(next.reply(answered(vec![2])).await);
    assert_eq!(answer(stays).await, [2]);
    assert!(places.is_quiet().await);
}

/// Signs of life reach the caller while it waits, before the reply.
pub async fn working_comes_before_the_reply<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let mut places = two.places(1).await;
    let mut replies = one.ask(command(0)).await;
    let request = places.next().await;
    for _ in 0..3 {
        request.still_working().await;
        assert!(matches!(ok(replies.next().await), Frame::Working));
    }
    ok(request.reply(answered(vec![7])).await);
    assert_eq!(answer(replies).await, [7]);
}

/// A request that a node dropped, or took with it when it died, isn't delivered again, and its caller learns that the outcome is unknown.
pub async fn dropped_request_is_unknown_and_not_repeated<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two, three) = (stage.node("one").await, stage.node("two").await, stage.node("three").await);
    let mut of_two = two.places(1).await;
    let dropped = ok(one.link.request(command(0), 5 * SECOND).await);
    drop(of_two.next().await);
    let of_dead = ok(one.link.request(command(1), 5 * SECOND).await);
    let held = of_two.next().await;
    let mut of_three = three.places(1).await;
    drop((of_two, two, held));
    assert_eq!(end(dropped).await, Code::OutcomeUnknown);
    assert_eq!(end(of_dead).await, Code::OutcomeUnknown);
    assert!(of_three.is_quiet().await);
}

/// Nodes that take the same requests get about as many each.
pub async fn requests_are_spread<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two, three) = (stage.node("one").await, stage.node("two").await, stage.node("three").await);
    let mut counts = Vec::new();
    for node in [&one, &two, &three] {
        counts.push(node.places(8).await.echo());
    }
    for body in 0..300 {
        answer(one.ask(command(body)).await).await;
    }
    for node in [&one, &two, &three] {
        ok(node.link.leave().await);
    }
    let counts = all(counts).await.into_iter().map(|count| count.expect("a node's loop should end when it leaves"));
    let counts = Vec::from_iter(counts);
    assert_eq!(counts.iter().sum::<usize>(), 300);
    assert!(counts.iter().all(|&count| count >= 30), "{counts:?}: no node is left out");
}

/// A node with as many requests as it takes gets no more; those that wait come when it has a place.
pub async fn request_limit_never_exceeded<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let one = stage.node("one").await;
    let mut places = one.places(2).await;
    let mut waiting = Vec::new();
    for body in 0..3 {
        waiting.push(one.ask(command(body)).await);
    }
    let (first, _second) = (places.next().await, places.next().await);
    assert!(places.is_quiet().await);
    ok(first.reply(answered(vec![])).await);
    assert_eq!(number(places.next().await.envelope()), 2);
}

/// Requests that wait for a slow handler keep those for others back neither at their callers nor at the node.
pub async fn slow_handler_starves_no_other<H: TransportHarness>() {
    let stage = Stage::<H>::new().await;
    let (one, two) = (stage.node("one").await, stage.node("two").await);
    let mut slow = two.places(1).await;
    let mut fast = two.requests("Report", 1).await;
    let mut calls = Vec::new();
    for body in 0..20 {
        calls.push(one.ask(command(body)).await);
    }
    let _held = slow.next().await;
    for body in 0..20 {
        let replies = one.ask(report(body)).await;
        let request = fast.next().await;
        assert_eq!(number(request.envelope()), body);
        ok(request.reply(answered(vec![])).await);
        answer(replies).await;
    }
}
