use super::*;
use crate::error::Code;

async fn publish(link: &Arc<dyn Link>, events: impl IntoIterator<Item = Envelope>) {
    for outcome in link.publish(events.into_iter().collect()).await {
        outcome.unwrap();
    }
}

#[tokio::test]
async fn publish_reaches_matching_subscriptions() {
    let transport = InMemory::new();
    let (one, two) = (node(&transport, "one").await, node(&transport, "two").await);
    let (mut node_one, mut node_two) =
        (subscribe(&one, placed(Start::Now), 10).await, subscribe(&two, placed(Start::Now), 10).await);
    let (mut once_one, mut once_two) = (subscribe(&one, receipts(), 10).await, subscribe(&two, receipts(), 10).await);
    let other = Source::Service { event: "Placed".to_owned(), handler: "count".to_owned() };
    let mut other_handler = subscribe(&two, other, 10).await;
    let mut other_event =
        subscribe(&one, Source::Node { events: vec!["Shipped".to_owned()], start: Start::Now }, 10).await;

    publish(&one, [event("Placed", 1), event("Cancelled", 2), event("Placed", 3)]).await;
    assert_eq!(drain(&mut node_one).await, [1, 3]);
    assert_eq!(drain(&mut node_two).await, [1, 3]);
    assert_eq!(number(delivery(&mut once_one).await.envelope()), 1);
    assert_eq!(drain(&mut other_handler).await, [1, 3]);
    assert_eq!(drain(&mut once_two).await, [1, 3], "what was dropped unsettled came here");
    assert!(is_empty(&mut other_event).await);
}

#[tokio::test]
async fn publish_no_subscriber_ok() {
    let transport = InMemory::with_limits(Limits { history: 10, ..Limits::default() });
    let one = node(&transport, "one").await;
    publish(&one, (0..100).map(|body| event("Placed", body))).await;
    let mut deliveries = subscribe(&one, placed(Start::First), 100).await;
    assert_eq!(drain(&mut deliveries).await, Vec::from_iter(90..100));
}

#[tokio::test]
async fn publish_batch_partial_failure() {
    let transport = InMemory::with_limits(Limits { envelope_bytes: 1_000, ..Limits::default() });
    let one = node(&transport, "one").await;
    let mut deliveries = subscribe(&one, placed(Start::Now), 10).await;
    let large = envelope("Placed", Kind::Event, vec![0; 1_000]);
    let batch = vec![event("Placed", 1), large, event("Placed", 2)];
    for _ in 0..2 {
        let outcomes = one.publish(batch.clone()).await;
        let codes = Vec::from_iter(outcomes.iter().map(|outcome| outcome.as_ref().err().map(|error| error.code())));
        assert_eq!(codes, [None, Some(Code::TooLarge), None]);
    }
    assert_eq!(drain(&mut deliveries).await, [1, 2]);
}

#[tokio::test]
async fn durable_resumes() {
    let transport = InMemory::new();
    let one = node(&transport, "one").await;
    publish(&one, [event("Placed", 0)]).await;
    let mut first = subscribe(&one, receipts(), 10).await;
    publish(&one, [event("Placed", 1)]).await;
    assert_eq!(drain(&mut first).await, [1], "it begins when it is opened for the first time");
    first.close().await;
    publish(&one, [event("Placed", 2)]).await;
    drop(one);

    let two = node(&transport, "two").await;
    publish(&two, [event("Placed", 3)]).await;
    assert_eq!(drain(&mut subscribe(&two, receipts(), 10).await).await, [2, 3]);
}

#[tokio::test]
async fn replay_start_as_asked() {
    let transport = InMemory::new();
    let one = node(&transport, "one").await;
    publish(&one, (0..3).map(|body| event("Placed", body))).await;
    let mut from_now = subscribe(&one, placed(Start::Now), 10).await;
    let mut from_first = subscribe(&one, placed(Start::First), 10).await;
    let second = {
        let mut all = subscribe(&one, placed(Start::First), 10).await;
        let _first = delivery(&mut all).await;
        delivery(&mut all).await.sequence().unwrap()
    };
    let mut from_second = subscribe(&one, placed(Start::At(second)), 10).await;
    publish(&one, [event("Placed", 3)]).await;
    assert_eq!(drain(&mut from_now).await, [3]);
    assert_eq!(drain(&mut from_first).await, [0, 1, 2, 3]);
    assert_eq!(drain(&mut from_second).await, [1, 2, 3]);
    assert_eq!(from_second.missed(), 0);
}

#[tokio::test]
async fn a_start_beyond_the_last_event_waits_for_it() {
    let transport = InMemory::new();
    let one = node(&transport, "one").await;
    publish(&one, [event("Placed", 0)]).await;
    let first = delivery(&mut subscribe(&one, placed(Start::First), 1).await).await.sequence().unwrap();
    let mut deliveries = subscribe(&one, placed(Start::At(first + 2)), 10).await;
    assert!(matches!(at_hand(&mut deliveries).await, Some(Arrival::CaughtUp)));
    publish(&one, [event("Placed", 1), event("Placed", 2)]).await;
    assert_eq!(drain(&mut deliveries).await, [2]);
}

#[tokio::test]
async fn a_start_before_the_first_kept_event_counts_what_was_dropped() {
    let transport = InMemory::with_limits(Limits { history: 3, ..Limits::default() });
    let one = node(&transport, "one").await;
    publish(&one, [event("Placed", 0)]).await;
    let first = delivery(&mut subscribe(&one, placed(Start::First), 1).await).await.sequence().unwrap();
    publish(&one, (1..5).map(|body| event("Placed", body))).await;
    let mut deliveries = subscribe(&one, placed(Start::At(first + 1)), 10).await;
    assert_eq!(deliveries.missed(), 1, "the one from which on it wanted them");
    publish(&one, [event("Placed", 5)]).await;
    assert_eq!(deliveries.missed(), 2);
    assert_eq!(drain(&mut deliveries).await, [3, 4, 5]);
}

#[tokio::test]
async fn an_events_sequence_rises_and_is_the_same_for_all() {
    let transport = InMemory::new();
    let (one, two) = (node(&transport, "one").await, node(&transport, "two").await);
    let mut of_node = subscribe(&one, placed(Start::Now), 10).await;
    let mut of_service = subscribe(&two, receipts(), 10).await;
    publish(&one, [event("Placed", 0), event("Shipped", 1), event("Placed", 2)]).await;
    drop(delivery(&mut of_node).await);
    let mut seen = Vec::new();
    for deliveries in [&mut of_node, &mut of_service] {
        let (first, second) = (delivery(deliveries).await, delivery(deliveries).await);
        seen.push((first.sequence().unwrap(), second.sequence().unwrap()));
    }
    assert_eq!(seen[0], seen[1], "also of one that came again");
    assert!(seen[0].0 < seen[0].1);
}

#[tokio::test]
async fn the_end_of_the_history_is_told_once_and_in_its_place() {
    let transport = InMemory::new();
    let one = node(&transport, "one").await;
    publish(&one, [event("Placed", 0), event("Shipped", 1)]).await;
    let mut deliveries = subscribe(&one, placed(Start::First), 10).await;
    publish(&one, [event("Placed", 2)]).await;
    assert_eq!(number(delivery(&mut deliveries).await.envelope()), 0);
    assert!(matches!(at_hand(&mut deliveries).await, Some(Arrival::Delivery(_))), "what was dropped comes first");
    let mut seen = Vec::new();
    while let Some(arrival) = at_hand(&mut deliveries).await {
        match arrival {
            Arrival::CaughtUp => seen.push(None),
            Arrival::Delivery(delivery) => {
                seen.push(Some(number(delivery.envelope())));
                delivery.settle().await.unwrap();
            }
        }
    }
    assert_eq!(seen, [Some(0), None, Some(2)]);
}

#[tokio::test]
async fn an_empty_history_is_through_at_once() {
    let transport = InMemory::new();
    let one = node(&transport, "one").await;
    let mut deliveries = subscribe(&one, placed(Start::First), 10).await;
    assert!(matches!(at_hand(&mut deliveries).await, Some(Arrival::CaughtUp)));
    assert!(is_empty(&mut deliveries).await);
}

#[tokio::test]
async fn a_subscription_that_fell_behind_counts_what_it_missed() {
    let transport = InMemory::with_limits(Limits { history: 3, ..Limits::default() });
    let one = node(&transport, "one").await;
    let mut slow = subscribe(&one, placed(Start::Now), 10).await;
    let mut fast = subscribe(&one, placed(Start::Now), 10).await;
    for body in 0..5 {
        publish(&one, [event("Placed", body), event("Shipped", body)]).await;
        assert_eq!(drain(&mut fast).await, [body]);
    }
    assert_eq!((fast.missed(), slow.missed()), (0, 4));
    assert_eq!(drain(&mut slow).await, [4]);
    assert_eq!(slow.missed(), 4);
}

#[tokio::test]
async fn the_history_keeps_to_its_bytes() {
    let size = size_of(&event("Placed", 0));
    let transport = InMemory::with_limits(Limits { history_bytes: 2 * size, ..Limits::default() });
    let one = node(&transport, "one").await;
    publish(&one, (0..5).map(|body| event("Placed", body))).await;
    assert_eq!(drain(&mut subscribe(&one, placed(Start::First), 10).await).await, [3, 4]);
}

#[tokio::test]
async fn slow_subscription_isolated() {
    let transport = InMemory::new();
    let one = node(&transport, "one").await;
    let mut stuck = subscribe(&one, placed(Start::Now), 1).await;
    let mut free = subscribe(&one, placed(Start::Now), 1).await;
    publish(&one, [event("Placed", 0)]).await;
    let _held = delivery(&mut stuck).await;
    publish(&one, (1..1_000).map(|body| event("Placed", body))).await;
    assert_eq!(drain(&mut free).await, Vec::from_iter(0..1_000));
}

#[tokio::test]
async fn order_per_origin() {
    let transport = InMemory::new();
    let (one, two) = (node(&transport, "one").await, node(&transport, "two").await);
    let mut deliveries = subscribe(&two, placed(Start::Now), 5).await;
    for body in 0..200 {
        publish(&one, [event("Placed", body)]).await;
    }
    assert_eq!(drain(&mut deliveries).await, Vec::from_iter(0..200));
}

#[tokio::test]
async fn what_is_given_back_keeps_its_place() {
    let transport = InMemory::new();
    let one = node(&transport, "one").await;
    let mut deliveries = subscribe(&one, receipts(), 10).await;
    publish(&one, (0..4).map(|body| event("Placed", body))).await;
    let (first, second) = (delivery(&mut deliveries).await, delivery(&mut deliveries).await);
    drop(second);
    drop(first);
    assert_eq!(drain(&mut deliveries).await, [0, 1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn too_many_put_off_pause_a_subscription_until_one_comes_again() {
    let transport = InMemory::with_limits(Limits { put_off: 1, ..Limits::default() });
    let one = node(&transport, "one").await;
    let mut deliveries = subscribe(&one, placed(Start::Now), 10).await;
    publish(&one, (0..2).map(|body| event("Placed", body))).await;
    delivery(&mut deliveries).await.retry_after(SECOND).await.unwrap();
    assert!(is_empty(&mut deliveries).await);
    let Some(Arrival::Delivery(again)) = deliveries.next().await else { panic!("it comes") };
    assert_eq!(number(again.envelope()), 0);
    again.settle().await.unwrap();
    assert_eq!(drain(&mut deliveries).await, [1]);
}

#[tokio::test]
async fn body_bytes_identical() {
    let transport = InMemory::new();
    let one = node(&transport, "one").await;
    let mut deliveries = subscribe(&one, placed(Start::Now), 10).await;
    for body in [vec![], Vec::from_iter(0..=255), vec![7; 900_000]] {
        publish(&one, [envelope("Placed", Kind::Event, body.clone())]).await;
        let delivery = delivery(&mut deliveries).await;
        assert_eq!(delivery.envelope().body, body);
        delivery.settle().await.unwrap();
    }
}
