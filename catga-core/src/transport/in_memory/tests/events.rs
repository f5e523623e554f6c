use super::*;

async fn publish(link: &Arc<dyn Link>, events: impl IntoIterator<Item = Envelope>) {
    for outcome in link.publish(events.into_iter().collect()).await {
        outcome.unwrap();
    }
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
