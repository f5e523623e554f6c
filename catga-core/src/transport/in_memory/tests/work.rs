use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::error::Code;

async fn work(link: &Arc<dyn Link>) -> Box<dyn Deliveries> {
    subscribe(link, place(), 1_000).await
}

#[tokio::test]
async fn commands_that_wait_for_a_slow_handler_keep_no_others_back() {
    let transport = InMemory::with_limits(Limits { work: 2, ..Limits::default() });
    let one = node(&transport, "one").await;
    let mut slow = subscribe(&one, place(), 1).await;
    let mut fast = subscribe(&one, Source::Work { command: "Report".to_owned() }, 1).await;
    for body in 0..2 {
        one.enqueue(command(body), Duration::ZERO).await.unwrap();
    }
    let held = delivery(&mut slow).await;
    assert_eq!((number(held.envelope()), held.sequence()), (0, None));
    assert_eq!(one.enqueue(command(2), Duration::ZERO).await.unwrap_err().code(), Code::Unavailable);
    for body in 10..20 {
        one.enqueue(report(body), Duration::ZERO).await.unwrap();
        assert_eq!(drain(&mut fast).await, [body]);
    }
}

#[tokio::test]
async fn waiting_takers_are_all_woken() {
    let transport = InMemory::new();
    let one = node(&transport, "one").await;
    let takers = (0..10).map(|_| {
        let one = one.clone();
        runtime::spawn(async move {
            let mut deliveries = work(&one).await;
            match deliveries.next().await {
                Some(Arrival::Delivery(delivery)) => delivery.settle().await.unwrap(),
                other => panic!("{other:?}"),
            }
        })
    });
    let takers = Vec::from_iter(takers);
    tokio::task::yield_now().await;
    for body in 0..10 {
        one.enqueue(command(body), Duration::ZERO).await.unwrap();
    }
    for taker in takers {
        taker.await.unwrap();
    }
}

#[tokio::test]
async fn a_full_queue_refuses_until_something_is_settled() {
    let transport = InMemory::with_limits(Limits { work: 2, ..Limits::default() });
    let one = node(&transport, "one").await;
    let mut deliveries = work(&one).await;
    for body in 0..2 {
        one.enqueue(command(body), Duration::ZERO).await.unwrap();
    }
    let in_flight = delivery(&mut deliveries).await;
    let refused = one.enqueue(command(2), Duration::ZERO).await.unwrap_err();
    assert_eq!((refused.code(), refused.can_retry()), (Code::Unavailable, true));
    in_flight.settle().await.unwrap();
    one.enqueue(command(2), Duration::ZERO).await.unwrap();

    let size = size_of(&command(0));
    let transport = InMemory::with_limits(Limits { work_bytes: size, ..Limits::default() });
    let one = node(&transport, "one").await;
    one.enqueue(command(0), Duration::ZERO).await.unwrap();
    assert_eq!(one.enqueue(command(1), Duration::ZERO).await.unwrap_err().code(), Code::Unavailable);
}

#[tokio::test]
async fn what_a_dead_node_had_goes_to_others_and_stale_settlement_harmless() {
    let transport = InMemory::new();
    let (one, two) = (node(&transport, "one").await, node(&transport, "two").await);
    let (mut of_one, mut of_two) = (work(&one).await, work(&two).await);
    two.enqueue(command(0), Duration::ZERO).await.unwrap();
    let stale = delivery(&mut of_one).await;
    let stale_too = {
        two.enqueue(command(1), Duration::ZERO).await.unwrap();
        delivery(&mut of_one).await
    };
    drop(one);

    let again = delivery(&mut of_two).await;
    assert_eq!((number(again.envelope()), again.attempt()), (0, 2));
    assert_eq!(stale.still_working().await.unwrap_err().code(), Code::Unavailable);
    assert_eq!(stale.settle().await.unwrap_err().code(), Code::Unavailable);
    drop(stale_too);
    drop(again);
    assert_eq!(drain(&mut of_two).await, [0, 1]);
    assert!(of_one.next().await.is_none());
}

#[tokio::test]
async fn all_that_a_dead_node_had_wakes_those_who_wait() {
    let transport = InMemory::new();
    let (one, two) = (node(&transport, "one").await, node(&transport, "two").await);
    let mut of_one = work(&one).await;
    for body in 0..3 {
        one.enqueue(command(body), Duration::ZERO).await.unwrap();
    }
    let _held = [delivery(&mut of_one).await, delivery(&mut of_one).await, delivery(&mut of_one).await];
    let takers = (0..3).map(|_| {
        let two = two.clone();
        runtime::spawn(async move { work(&two).await.next().await })
    });
    let takers = Vec::from_iter(takers);
    tokio::task::yield_now().await;
    drop(one);
    let mut taken = Vec::new();
    for taker in takers {
        taken.push(runtime::until(Some(runtime::now() + SECOND), taker).await.expect("it was woken").unwrap());
    }
    assert!(taken.iter().all(Option::is_some));
}

#[tokio::test(start_paused = true)]
async fn what_comes_sooner_wakes_those_who_wait_for_what_comes_later() {
    let transport = InMemory::new();
    let one = node(&transport, "one").await;
    let start = runtime::now();
    one.enqueue(command(60), 60 * SECOND).await.unwrap();
    let takers = (0..2).map(|_| {
        let one = one.clone();
        runtime::spawn(async move {
            let Some(Arrival::Delivery(delivery)) = work(&one).await.next().await else { panic!("it comes") };
            let body = number(delivery.envelope());
            delivery.settle().await.unwrap();
            (body, (runtime::now() - start).as_secs())
        })
    });
    let takers = Vec::from_iter(takers);
    tokio::task::yield_now().await;
    one.enqueue(command(2), 2 * SECOND).await.unwrap();
    one.enqueue(command(3), 3 * SECOND).await.unwrap();
    takers[0].abort();
    let taken = takers.into_iter().next_back().unwrap().await.unwrap();
    assert_eq!(taken, (2, 2), "also when the one that waited longest is gone");
    let Some(Arrival::Delivery(next)) = work(&one).await.next().await else { panic!("it comes") };
    assert_eq!((number(next.envelope()), (runtime::now() - start).as_secs()), (3, 3));
}

#[test]
fn retry_survives_restart() {
    let transport = InMemory::new();
    let process = || tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let soon = Duration::from_millis(1);
    process().block_on(async {
        let one = node(&transport, "one").await;
        let mut deliveries = work(&one).await;
        one.enqueue(command(7), Duration::ZERO).await.unwrap();
        one.enqueue(command(8), soon).await.unwrap();
        delivery(&mut deliveries).await.retry_after(soon).await.unwrap();
    });
    process().block_on(async {
        let two = node(&transport, "two").await;
        let mut deliveries = work(&two).await;
        for _ in 0..2 {
            let Some(Arrival::Delivery(delivery)) = deliveries.next().await else { panic!("it comes") };
            delivery.settle().await.unwrap();
        }
    });
}

#[tokio::test(start_paused = true)]
async fn no_delivery_is_put_off_longer_than_the_longest_delay() {
    let longest = 2 * SECOND;
    for (limit, waited) in [(None, 3 * SECOND), (Some(longest), longest)] {
        let transport = InMemory::with_limits(Limits { longest_delay: limit, ..Limits::default() });
        let one = node(&transport, "one").await;
        let mut deliveries = work(&one).await;
        one.enqueue(command(7), Duration::ZERO).await.unwrap();
        let first = delivery(&mut deliveries).await;
        assert_eq!(first.longest_delay(), limit);
        let start = runtime::now();
        first.retry_after(3 * SECOND).await.unwrap();
        assert!(deliveries.next().await.is_some());
        let passed = runtime::now() - start;
        assert!(passed >= waited && passed < waited + SECOND / 10, "{passed:?}");
    }
}

#[tokio::test]
async fn a_node_at_its_limit_leaves_the_rest_to_others() {
    let transport = InMemory::new();
    let (one, two) = (node(&transport, "one").await, node(&transport, "two").await);
    let mut of_one = subscribe(&one, place(), 1).await;
    let mut of_two = subscribe(&two, place(), 1).await;
    one.enqueue(command(0), Duration::ZERO).await.unwrap();
    let _held = delivery(&mut of_one).await;
    let full = runtime::spawn(async move { of_one.next().await.is_some() });
    let free = runtime::spawn(async move { of_two.next().await.is_some() });
    tokio::task::yield_now().await;
    one.enqueue(command(1), Duration::ZERO).await.unwrap();
    assert!(free.await.unwrap());
    assert!(!full.is_finished());
    full.abort();
}

#[tokio::test]
async fn a_member_that_left_gets_nothing_more_also_when_it_is_full() {
    let transport = InMemory::new();
    let one = node(&transport, "one").await;
    let mut deliveries = subscribe(&one, place(), 1).await;
    one.enqueue(command(0), Duration::ZERO).await.unwrap();
    let _held = delivery(&mut deliveries).await;
    let waiting = runtime::spawn(async move { deliveries.next().await.is_none() });
    tokio::task::yield_now().await;
    one.leave().await.unwrap();
    assert!(waiting.await.unwrap());
}

/// Takes commands and does with them in turn what a node may do; how many it has settled.
async fn fickle(link: Arc<dyn Link>, in_flight: usize, settled: Arc<AtomicUsize>) {
    let mut turn = in_flight;
    while settled.load(Ordering::SeqCst) < STRESS {
        let mut deliveries = subscribe(&link, place(), in_flight).await;
        while !turn.is_multiple_of(50) {
            turn += 1;
            let soon = Some(runtime::now() + Duration::from_millis(1));
            let Some(Some(Arrival::Delivery(delivery))) = runtime::until(soon, deliveries.next()).await else { break };
            match turn % 5 {
                0 => drop(delivery),
                1 => delivery.retry_after(Duration::from_millis(1)).await.unwrap(),
                2 => drop(runtime::spawn(async move { drop(delivery) })),
                _ => {
                    delivery.settle().await.unwrap();
                    settled.fetch_add(1, Ordering::SeqCst);
                }
            }
        }
        turn += 1;
        deliveries.close().await;
    }
}

const STRESS: usize = 2_000;

#[tokio::test(flavor = "multi_thread")]
async fn racing_nodes_settle_each_command_once_and_lose_none() {
    let transport = InMemory::new();
    let settled = Arc::new(AtomicUsize::new(0));
    let mut nodes = Vec::new();
    for (name, in_flight) in [("one", 1), ("two", 2), ("three", 7)] {
        nodes.push(runtime::spawn(fickle(node(&transport, name).await, in_flight, settled.clone())));
    }
    let sender = node(&transport, "sender").await;
    for body in 0..STRESS {
        sender.enqueue(command(u32::try_from(body).unwrap()), Duration::ZERO).await.unwrap();
    }
    for node in nodes {
        let in_time = Some(runtime::now() + 60 * SECOND);
        runtime::until(in_time, node).await.expect("a command was lost").unwrap();
    }
    assert_eq!(settled.load(Ordering::SeqCst), STRESS);
    assert!(is_empty(&mut work(&sender).await).await);
}
