use std::thread;

use crate::support::{Cluster, Node, eventually};

const HANDLED: &str = "catga_messages_handled_total";

/// Places so many orders, over several connections.
fn place_orders(node: &Node, orders: usize) {
    const CONNECTIONS: usize = 4;
    thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| (0..orders / CONNECTIONS).for_each(|_| drop(node.place_order())));
        }
    });
}

#[test]
fn orders_sent_to_one_node_are_handled_by_all_and_their_events_by_each() {
    let cluster = Cluster::start();
    place_orders(&cluster.nodes[0], 300);
    let created = ["message=\"CreateOrder\"", "outcome=\"ok\""];
    let handled: Vec<_> = cluster.nodes.iter().map(|node| node.metric(HANDLED, &created)).collect();
    assert_eq!(handled.iter().sum::<f64>(), 300.0, "{handled:?}");
    assert!(handled.iter().all(|orders| *orders >= 60.0), "{handled:?}");
    for node in &cluster.nodes {
        let received = ["handler=\"show_order_created\"", "outcome=\"ok\""];
        eventually("each node receives each event", || (node.metric(HANDLED, &received) >= 300.0).then_some(()));
        assert_eq!(node.metric(HANDLED, &received), 300.0);
    }
}

#[test]
fn the_log_shows_who_does_what() {
    let cluster = Cluster::start();
    let id = cluster.nodes[0].place_order();
    assert_eq!(cluster.nodes[1].post(&format!("/orders/{id}/ship"), "").status, 200);
    let said = |message: &str| cluster.log().iter().filter(|event| event["message"] == message).count();
    let names: Vec<_> = cluster.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["node-1", "node-2", "node-3"]);
    eventually("each node logs each event once", || {
        let each = |what: &str| names.iter().all(|name| said(&format!("Node {name} received {what}")) == 1);
        (each("OrderCreated") && each("OrderShipped")).then_some(())
    });
    let processing = names.iter().map(|name| said(&format!("Node {name} processing order creation"))).sum::<usize>();
    assert_eq!(processing, 1);
    assert!(cluster.log().iter().any(|event| event["order_id"] == id.as_str() && event["node"] == "node-3"));
}

#[test]
fn a_node_does_what_its_roles_say() {
    let cluster = Cluster::start_with(&["--roles", "api,api,worker"]);
    let [first, second, worker] = &cluster.nodes[..] else { panic!("three nodes") };
    place_orders(first, 8);
    let id = second.place_order();
    assert_eq!(first.get(&format!("/orders/{id}")).status, 200);
    assert_eq!(worker.metric(HANDLED, &["message=\"CreateOrder\""]), 9.0);
    assert_eq!(first.metric(HANDLED, &["message=\"CreateOrder\""]), 0.0);
    assert_eq!(worker.get(&format!("/orders/{id}")).status, 404);
    assert_eq!(worker.get("/health").status, 200);
}
