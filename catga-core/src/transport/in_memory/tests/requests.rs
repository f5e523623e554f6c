use super::super::super::{Frame, Replies, RequestDelivery, Requests};
use super::*;
use crate::envelope::{Answer, Reply};
use crate::error::Code;

/// Answers each request with its own body.
fn echo(mut requests: Box<dyn Requests>) -> tokio::task::JoinHandle<usize> {
    runtime::spawn(async move {
        let mut count = 0;
        while let Some(request) = requests.next().await {
            count += 1;
            tokio::task::yield_now().await;
            let body = request.envelope().body.to_vec();
            request.reply(reply(body)).await.unwrap();
        }
        count
    })
}

fn reply(body: Vec<u8>) -> Reply {
    Reply::Done(Answer { codec: Codec::MessagePack, fingerprint: None, body: body.into() })
}

async fn answer(mut replies: Box<dyn Replies>) -> Vec<u8> {
    match replies.next().await.unwrap() {
        Frame::Reply(Reply::Done(answer)) => answer.body.into(),
        other => panic!("an answer should come, not {other:?}"),
    }
}

async fn code(mut replies: Box<dyn Replies>) -> Code {
    replies.next().await.unwrap_err().code()
}

async fn received(requests: &mut Box<dyn Requests>) -> Option<RequestDelivery> {
    runtime::until(Some(runtime::now()), requests.next()).await.flatten()
}

#[tokio::test(flavor = "multi_thread")]
async fn racing_callers_that_leave_free_their_places() {
    let transport = InMemory::with_limits(Limits { requests: 50, ..Limits::default() });
    let one = node(&transport, "one").await;
    for in_flight in [1, 3] {
        let other = node(&transport, &format!("node-{in_flight}")).await;
        let requests = other.requests("Place", NonZeroUsize::new(in_flight).unwrap()).await.unwrap();
        runtime::spawn(async move {
            echo(requests).await.unwrap();
            drop(other);
        });
    }
    let calls = (0..500_u32).map(|body| {
        let one = one.clone();
        runtime::spawn(async move {
            let patience = if body % 3 == 0 { Duration::ZERO } else { SECOND * 30 };
            let asked = async {
                loop {
                    match one.request(command(body), SECOND * 30).await {
                        Ok(replies) => break answer(replies).await,
                        Err(_) => runtime::sleep(Duration::from_millis(1)).await,
                    }
                }
            };
            let answered = runtime::until(Some(runtime::now() + patience), asked).await;
            match answered {
                Some(answer) => assert_eq!(answer, body.to_be_bytes()),
                None => assert!(patience.is_zero(), "the request was forgotten"),
            }
        })
    });
    for call in Vec::from_iter(calls) {
        call.await.unwrap();
    }
    for body in 0..50 {
        answer(one.request(command(body), SECOND).await.unwrap()).await;
    }
}

#[tokio::test]
async fn requests_one_at_a_time_are_spread_evenly() {
    let transport = InMemory::new();
    let mut counts = Vec::new();
    let mut links = Vec::new();
    for name in ["one", "two", "three"] {
        let link = node(&transport, name).await;
        counts.push(echo(link.requests("Place", many()).await.unwrap()));
        links.push(link);
    }
    for body in 0..300 {
        answer(links[0].request(command(body), SECOND).await.unwrap()).await;
    }
    for link in &links {
        link.leave().await.unwrap();
    }
    for count in counts {
        assert_eq!(count.await.unwrap(), 100);
    }
}

#[tokio::test]
async fn requests_at_once_go_to_the_least_busy() {
    let transport = InMemory::new();
    let (one, two) = (node(&transport, "one").await, node(&transport, "two").await);
    let mut slow = one.requests("Place", many()).await.unwrap();
    let mut fast = two.requests("Place", many()).await.unwrap();
    let _held = {
        let replies = one.request(command(0), SECOND).await.unwrap();
        (replies, received(&mut slow).await.unwrap())
    };
    for body in 1..4 {
        let replies = one.request(command(body), SECOND).await.unwrap();
        received(&mut fast).await.unwrap().reply(reply(vec![])).await.unwrap();
        answer(replies).await;
    }
    assert!(received(&mut slow).await.is_none());
}

#[tokio::test]
async fn a_request_whose_caller_left_is_not_delivered() {
    let transport = InMemory::new();
    let one = node(&transport, "one").await;
    let mut requests = one.requests("Place", many()).await.unwrap();
    drop(one.request(command(0), SECOND).await.unwrap());
    assert!(received(&mut requests).await.is_none());
}

#[tokio::test]
async fn a_request_whose_node_died_ends_at_once_as_unknown() {
    let transport = InMemory::new();
    let one = node(&transport, "one").await;
    let mut requests = one.requests("Place", many()).await.unwrap();
    let replies = one.request(command(0), SECOND).await.unwrap();
    drop(received(&mut requests).await.unwrap());
    assert_eq!(code(replies).await, Code::OutcomeUnknown);
}

#[tokio::test]
async fn too_many_waiting_requests_are_refused_and_abandoned_ones_give_their_place() {
    let transport = InMemory::with_limits(Limits { requests: 2, ..Limits::default() });
    let one = node(&transport, "one").await;
    let _requests = one.requests("Place", NonZeroUsize::MIN).await.unwrap();
    let mut calls = Vec::new();
    for body in 0..3 {
        calls.push(one.request(command(body), SECOND).await.unwrap());
    }
    assert_eq!(one.request(command(3), SECOND).await.err().unwrap().code(), Code::Unavailable);
    calls.pop();
    one.request(command(4), SECOND).await.unwrap();
}

#[tokio::test]
async fn requests_that_wait_for_a_slow_handler_keep_no_others_back() {
    let transport = InMemory::with_limits(Limits { requests: 3, ..Limits::default() });
    let one = node(&transport, "one").await;
    let mut slow = one.requests("Place", NonZeroUsize::MIN).await.unwrap();
    let mut fast = one.requests("Report", NonZeroUsize::MIN).await.unwrap();
    let mut calls = Vec::new();
    for body in 0..4 {
        calls.push(one.request(command(body), SECOND).await.unwrap());
    }
    let _held = received(&mut slow).await.unwrap();
    assert_eq!(
        one.request(command(4), SECOND).await.err().unwrap().code(),
        Code::Unavailable,
        "one is held, three wait"
    );
    for body in 0..10 {
        let replies = one.request(report(body), SECOND).await.unwrap();
        received(&mut fast).await.unwrap().reply(reply(vec![])).await.unwrap();
        answer(replies).await;
    }
}

#[tokio::test]
async fn names_are_unique_among_the_living_and_a_request_has_one_owner() {
    let transport = InMemory::new();
    let one = node(&transport, "one").await;
    let twin = transport.join(Member::new("test", "billing", "one").unwrap()).await.err().unwrap();
    assert_eq!(
        twin.to_string(),
        "a node `one` of the service `orders` is running in the cluster `test`: give this one of the service `billing` another name"
    );
    let rival = || Member::new("test", "billing", "two").unwrap().owning(["Place"]);
    let refused = transport.join(rival()).await.err().unwrap();
    assert_eq!(refused.code(), Code::Conflict);
    assert_eq!(
        refused.to_string(),
        "the request `Place` is owned by the service `orders`, so the service `billing` can't own it as well"
    );
    transport.join(Member::new("other", "billing", "one").unwrap().owning(["Place"])).await.unwrap();
    drop(one);
    transport.join(rival()).await.unwrap();
}

#[tokio::test]
async fn size_limit_exact() {
    let size = size_of(&command(0));
    for (limit, code) in [(size, None), (size - 1, Some(Code::TooLarge))] {
        let transport = InMemory::with_limits(Limits { envelope_bytes: limit, ..Limits::default() });
        let one = node(&transport, "one").await;
        let _requests = one.requests("Place", many()).await.unwrap();
        let refused = |error: crate::Error| error.code();
        assert_eq!(one.request(command(0), SECOND).await.err().map(refused), code);
        assert_eq!(one.enqueue(command(0), Duration::ZERO).await.err().map(refused), code);
        let published = one.publish(vec![command(0)]).await;
        assert_eq!(published[0].as_ref().err().map(|error| error.code()), code);
    }
}
