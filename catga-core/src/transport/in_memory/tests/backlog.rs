use super::super::{Backlog, Receiver};
use super::*;
use crate::envelope::{Answer, Reply};

/// Each receiver, and how much waits, is in flight and is put off.
fn counts(transport: &InMemory) -> Vec<(String, [usize; 3])> {
    let counts =
        |Backlog { receiver, waiting, in_flight, put_off, .. }| (receiver.to_string(), [waiting, in_flight, put_off]);
    transport.backlog().into_iter().map(counts).collect()
}

#[tokio::test(start_paused = true)]
async fn commands_are_in_the_backlog_from_their_storing_to_their_settling() {
    let transport = InMemory::new();
    let one = node(&transport, "one").await;
    assert_eq!(transport.backlog(), []);
    one.enqueue(command(1), Duration::ZERO).await.unwrap();
    one.enqueue(command(2), SECOND).await.unwrap();
    let work = |waiting, in_flight, put_off| {
        let counts = [waiting, in_flight, put_off];
        if counts == [0; 3] { vec![] } else { vec![("the enqueued commands `Place`".to_owned(), counts)] }
    };
    assert_eq!(counts(&transport), work(1, 0, 1));

    let mut place = subscribe(&one, place(), 10).await;
    let first = delivery(&mut place).await;
    assert_eq!(counts(&transport), work(0, 1, 1));
    first.retry_after(SECOND * 2).await.unwrap();
    assert_eq!(counts(&transport), work(0, 0, 2));

    runtime::sleep(SECOND).await;
    let second = delivery(&mut place).await;
    assert_eq!(counts(&transport), work(0, 1, 1));
    drop(second);
    assert_eq!(counts(&transport), work(1, 0, 1));
    runtime::sleep(SECOND).await;
    assert_eq!(drain(&mut place).await.len(), 2);
    assert_eq!(counts(&transport), work(0, 0, 0));
}

#[tokio::test]
async fn events_are_in_the_backlog_of_each_subscription_that_wants_them_for_as_long_as_it_is_there() {
    let transport = InMemory::new();
    let one = node(&transport, "one").await;
    drop(subscribe(&one, receipts(), 10).await);
    let mut own = subscribe(&one, placed(Start::Now), 10).await;
    let events = vec![event("Placed", 1), event("Shipped", 2), event("Placed", 3)];
    one.publish(events).await.into_iter().for_each(|outcome| outcome.unwrap());

    let receiver = Receiver::Service {
        service: "orders".to_owned(),
        event: "Placed".to_owned(),
        handler: "send_receipt".to_owned(),
    };
    let nobody_takes = Backlog { cluster: "test".to_owned(), receiver, waiting: 2, in_flight: 0, put_off: 0 };
    assert_eq!(
        nobody_takes.to_string(),
        "`send_receipt` for `Placed` of the service `orders`: 2 waiting, 0 in flight, 0 put off"
    );
    let receiver = Receiver::Node { node: "one".to_owned(), events: vec!["Placed".to_owned()] };
    let of_one = Backlog { receiver, ..nobody_takes.clone() };
    assert_eq!(transport.backlog(), [nobody_takes.clone(), of_one]);

    let held = delivery(&mut own).await;
    assert_eq!(counts(&transport)[1], ("the node `one` for `Placed`".to_owned(), [1, 1, 0]));
    held.settle().await.unwrap();
    drop(own);
    assert_eq!(transport.backlog(), [nobody_takes]);
}

#[tokio::test]
async fn requests_are_in_the_backlog_until_they_are_answered() {
    let transport = InMemory::new();
    let one = node(&transport, "one").await;
    let mut requests = one.requests("Place", NonZeroUsize::MIN).await.unwrap();
    let _calls = [one.request(command(1), SECOND).await.unwrap(), one.request(command(2), SECOND).await.unwrap()];
    let place = |waiting, in_flight| [("the requests `Place`".to_owned(), [waiting, in_flight, 0])];
    assert_eq!(counts(&transport), place(2, 0));

    let first = requests.next().await.unwrap();
    assert_eq!(counts(&transport), place(1, 1));
    let answer = Answer { codec: Codec::MessagePack, fingerprint: None, body: Vec::new().into() };
    first.reply(Reply::Done(answer)).await.unwrap();
    assert_eq!(counts(&transport), place(1, 0));
    drop(requests.next().await.unwrap());
    assert_eq!(transport.backlog(), []);
}
