use std::time::Duration;

use catga_core::{Code, Error, Node, Request, Result};
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;

use super::scripted::{Peer, caller};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Place;

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32, query)]
struct Count;

fn place(node: &Node, within: u64) -> JoinHandle<Result<u32>> {
    let node = node.clone();
    tokio::spawn(async move { node.send(Place).deadline(Duration::from_millis(within)).await })
}

fn count(node: &Node, within: u64) -> JoinHandle<Result<u32>> {
    let node = node.clone();
    tokio::spawn(async move { node.send(Count).deadline(Duration::from_millis(within)).await })
}

fn gone() -> Error {
    Error::outcome_unknown("the node is gone")
}

async fn pass(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}

async fn failed(call: JoinHandle<Result<u32>>) -> Error {
    call.await.unwrap().unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_waited_for_while_signs_come() {
    let (node, mut peer) = caller().await;
    let call = place(&node, 60_000);
    let (at, first) = peer.take().await;
    assert_eq!((at, first.attempt()), (0, 1));
    for _ in 0..80 {
        pass(500).await;
        first.sign();
    }
    first.answer::<Place>(&7);
    assert_eq!(call.await.unwrap().unwrap(), 7);
    assert!(peer.is_quiet() && first.is_forgotten());
}

#[tokio::test(start_paused = true)]
async fn a_request_of_which_nothing_is_heard_is_sent_again_under_its_id_with_the_time_that_is_left() {
    let (node, mut peer) = caller().await;
    let call = place(&node, 10_000);
    let (_, first) = peer.take().await;
    pass(500).await;
    first.sign();
    let (at, second) = peer.next().await;
    assert_eq!((at, second.attempt(), second.within.as_millis()), (1750, 2, 8250));
    assert_eq!(second.envelope.headers().time_left, Some(second.within));
    assert_eq!((second.envelope.id, &second.envelope.body), (first.envelope.id, &first.envelope.body));
    let _second = second.take();
    let (at, third) = peer.take().await;
    assert_eq!((at, third.attempt()), (3000, 3));
    // The earlier ones are listened to as well.
    first.answer::<Place>(&7);
    assert_eq!(call.await.unwrap().unwrap(), 7);
    assert!(third.is_forgotten());
}

#[tokio::test(start_paused = true)]
async fn the_first_answer_wins_whichever_sending_it_is_for() {
    for answers in 0..3 {
        let (node, mut peer) = caller().await;
        let call = place(&node, 10_000);
        let sent = [peer.take().await.1, peer.take().await.1, peer.take().await.1];
        sent[answers].answer::<Place>(&7);
        sent[(answers + 1) % 3].answer::<Place>(&8);
        let answer = call.await.unwrap().unwrap();
        assert!(answer == 7 || answer == 8, "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_whose_node_is_gone_is_sent_again_at_once_and_then_more_and_more_rarely() {
    let (node, mut peer) = caller().await;
    let call = place(&node, 10_000);
    let (_, first) = peer.take().await;
    pass(700).await;
    first.end(gone());
    let mut times = Vec::new();
    for nth in 2..=6 {
        let (at, sent) = peer.take().await;
        assert_eq!(sent.attempt(), nth);
        times.push(at);
        sent.end(gone());
    }
    assert_eq!(times, [700, 750, 850, 1050, 1450]);
    let (_, last) = peer.take().await;
    last.answer::<Place>(&7);
    assert_eq!(call.await.unwrap().unwrap(), 7);
}

#[tokio::test(start_paused = true)]
async fn who_finds_no_node_at_first_is_told_at_once_and_at_a_further_sending_tries_on() {
    let (node, mut peer) = caller().await;
    for code in [Code::NoHandler, Code::Unavailable, Code::TooLarge] {
        let call = place(&node, 10_000);
        peer.next().await.1.refuse(Error::new(code, "nobody"));
        assert_eq!(failed(call).await.code(), code);
    }
    let call = place(&node, 10_000);
    let (_, first) = peer.take().await;
    first.end(gone());
    for _ in 0..3 {
        peer.next().await.1.refuse(Error::unavailable("nobody"));
    }
    peer.take().await.1.answer::<Place>(&7);
    assert_eq!(call.await.unwrap().unwrap(), 7);
}

#[tokio::test(start_paused = true)]
async fn at_the_deadline_a_command_that_may_have_run_is_an_unknown_outcome_and_a_query_a_timeout() {
    let (node, mut peer) = caller().await;
    let begun = tokio::time::Instant::now();
    let silent = place(&node, 3_000);
    let _open = [peer.take().await, peer.take().await, peer.take().await];
    assert_eq!(failed(silent).await.code(), Code::OutcomeUnknown);
    assert_eq!(begun.elapsed().as_millis(), 3_000);

    let dead = place(&node, 3_000);
    peer.take().await.1.end(gone());
    let refusing = refuse_all(peer);
    assert_eq!(failed(dead).await.code(), Code::OutcomeUnknown);

    let mut peer = refusing.await.unwrap();
    let query = count(&node, 1_000);
    let _open = peer.take().await;
    let error = failed(query).await;
    assert_eq!((error.code(), error.can_retry()), (Code::Timeout, true));

    // No node had it, for sure.
    let late = place(&node, 1_000);
    let (_, sent) = peer.take().await;
    pass(1_000).await;
    sent.end(Error::timeout("no node got it"));
    assert_eq!(failed(late).await.code(), Code::Timeout);
}

/// Refuses what is sent until nothing is sent for a while.
fn refuse_all(mut peer: Peer) -> JoinHandle<Peer> {
    tokio::spawn(async move {
        while let Ok((_, asked)) = tokio::time::timeout(Duration::from_secs(4), peer.next()).await {
            asked.refuse(Error::unavailable("nobody"));
        }
        peer
    })
}

#[tokio::test(start_paused = true)]
async fn a_sending_that_the_transport_may_have_taken_is_sent_again_under_its_id() {
    let (node, mut peer) = caller().await;
    let call = place(&node, 10_000);
    let (_, lost) = peer.next().await;
    let id = lost.envelope.id;
    lost.refuse(Error::outcome_unknown("no answer from the broker"));
    let (_, second) = peer.take().await;
    assert_eq!((second.envelope.id, second.attempt()), (id, 2));
    second.answer::<Place>(&7);
    assert_eq!(call.await.unwrap().unwrap(), 7);
}

#[tokio::test(start_paused = true)]
async fn an_error_that_isnt_remembered_says_nothing_of_the_other_sendings() {
    for error in [Error::timeout("not done by the deadline"), Error::internal("out of ink").retryable(true)] {
        let (node, mut peer) = caller().await;
        let call = place(&node, 4_000);
        let [(_, first), (_, second)] = [peer.take().await, peer.take().await];
        first.fail(error.clone());
        second.answer::<Place>(&7);
        assert_eq!(call.await.unwrap().unwrap(), 7);

        // Nobody knows what becomes of the one that says nothing.
        let call = place(&node, 4_000);
        let [(_, first), _open] = [peer.take().await, peer.take().await];
        first.fail(error.clone());
        assert_eq!(failed(call).await.code(), Code::OutcomeUnknown);

        // Alone it is the answer, and so is one that is remembered.
        let call = place(&node, 4_000);
        peer.take().await.1.fail(error.clone());
        assert_eq!(failed(call).await.code(), error.code());
        let call = place(&node, 4_000);
        let [(_, first), _open] = [peer.take().await, peer.take().await];
        first.fail(Error::validation("no items"));
        assert_eq!(failed(call).await.code(), Code::Validation);
    }
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_says_nothing_is_given_up_on_soon_after_the_deadline() {
    let (node, mut peer) = caller().await;
    let begun = tokio::time::Instant::now();
    let call = place(&node, 3_000);
    let (_, asked) = peer.next().await;
    assert_eq!(failed(call).await.code(), Code::OutcomeUnknown);
    assert_eq!(begun.elapsed().as_millis(), 3_250);
    drop(asked);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_remembers_nothing_leaves_the_answer_to_the_earlier_sendings() {
    let forgetful = || Error::outcome_unknown("it may have run elsewhere");
    let (node, mut peer) = caller().await;
    let call = place(&node, 10_000);
    let (_, first) = peer.take().await;
    peer.take().await.1.fail(forgetful());
    pass(4_000).await;
    assert!(peer.is_quiet(), "it isn't sent for nothing");
    first.answer::<Place>(&7);
    assert_eq!(call.await.unwrap().unwrap(), 7);

    // Where none is left, nobody can answer.
    let begun = tokio::time::Instant::now();
    let call = place(&node, 10_000);
    peer.take().await.1.end(gone());
    peer.take().await.1.fail(forgetful());
    assert_eq!(failed(call).await.code(), Code::OutcomeUnknown);
    assert_eq!(begun.elapsed().as_millis(), 0);

    // To the first sending it is the handler's own error.
    let call = place(&node, 10_000);
    peer.take().await.1.fail(Error::outcome_unknown("the card may be charged"));
    assert_eq!(failed(call).await.message(), "the card may be charged");
}

#[tokio::test(start_paused = true)]
async fn what_was_cut_off_by_its_nodes_end_is_sent_as_if_for_the_first_time() {
    let cut_off = || Error::cancelled("the node was shut down");
    let (node, mut peer) = caller().await;
    let call = place(&node, 10_000);
    peer.take().await.1.fail(cut_off());
    let (at, again) = peer.take().await;
    assert_eq!((at, again.attempt()), (0, 1));
    again.answer::<Place>(&7);
    assert_eq!(call.await.unwrap().unwrap(), 7);

    // Where there is no other node, that is the answer.
    let call = place(&node, 10_000);
    peer.take().await.1.fail(cut_off());
    peer.next().await.1.refuse(Error::unavailable("nobody"));
    assert_eq!(failed(call).await.code(), Code::Cancelled);

    // While another sending may run, it is one more.
    let call = place(&node, 10_000);
    let (_, first) = peer.take().await;
    peer.take().await.1.fail(cut_off());
    assert_eq!(peer.take().await.1.attempt(), 3);
    first.answer::<Place>(&8);
    assert_eq!(call.await.unwrap().unwrap(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_request_of_another_shape_is_sent_with_names_as_the_sending_that_it_is() {
    let mismatch = || Error::new(Code::SchemaMismatch, "other shapes");
    let (node, mut peer) = caller().await;
    for lost in [false, true] {
        let call = place(&node, 10_000);
        let (_, first) = peer.take().await;
        let refusing = if lost { peer.take().await.1 } else { first };
        refusing.fail(mismatch());
        let (_, named) = peer.take().await;
        assert_eq!((named.attempt(), named.envelope.codec.is_positional()), (if lost { 3 } else { 1 }, false));
        assert_eq!(named.envelope.id, refusing.envelope.id);
        named.answer::<Place>(&7);
        assert_eq!(call.await.unwrap().unwrap(), 7);
    }
}

#[tokio::test(start_paused = true)]
async fn only_the_latest_eight_sendings_are_listened_to() {
    let (node, mut peer) = caller().await;
    let call = place(&node, 60_000);
    let mut sent = Vec::new();
    for _ in 0..10 {
        sent.push(peer.take().await.1);
    }
    pass(1).await;
    assert_eq!(sent.iter().filter(|sent| sent.is_forgotten()).count(), 2);
    sent[2].answer::<Place>(&7);
    assert_eq!(call.await.unwrap().unwrap(), 7);
}
