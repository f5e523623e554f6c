use std::thread;

use serde_json::{Value, json};

use crate::support::{Answer, Cluster, Node, order, text};

fn place(node: &Node, key: &str, order: &Value) -> Answer {
    node.post_with("/orders", &[("Idempotency-Key", key)], &order.to_string())
}

fn other_order() -> Value {
    let mut order = order();
    order["items"][0]["quantity"] = json!(2);
    order
}

fn orders_created(cluster: &Cluster) -> f64 {
    let created = ["message=\"CreateOrder\"", "outcome=\"ok\""];
    cluster.nodes.iter().map(|node| node.metric("catga_messages_handled_total", &created)).sum()
}

#[test]
fn the_same_key_and_body_give_the_same_response_on_whichever_node() {
    let cluster = Cluster::start();
    let first = place(&cluster.nodes[0], "order-1", &order());
    assert_eq!(first.status, 201, "{}", first.body);
    for node in &cluster.nodes {
        let again = place(node, "order-1", &order());
        assert_eq!((again.status, &again.body), (201, &first.body));
        assert_eq!(again.header("Location"), first.header("Location"));
    }
    assert_eq!(orders_created(&cluster), 1.0);
}

#[test]
fn of_48_at_once_under_one_key_one_places_an_order_and_all_get_its_response() {
    let cluster = Cluster::start();
    let ask = |place_of: usize| {
        let answer = place(&cluster.nodes[place_of % 3], "order-2", &order());
        assert_eq!(answer.status, 201, "{}", answer.body);
        (answer.header("Location").map(str::to_owned), answer.body)
    };
    let answers = thread::scope(|scope| {
        let asking: Vec<_> = (0..48).map(|place| scope.spawn(move || ask(place))).collect();
        asking.into_iter().map(|asking| asking.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(answers.iter().all(|answer| answer == &answers[0]), "{answers:?}");
    assert_eq!(orders_created(&cluster), 1.0);
}

#[test]
fn another_body_under_a_key_is_refused() {
    let cluster = Cluster::start();
    assert_eq!(place(&cluster.nodes[0], "order-3", &order()).status, 201);
    for node in &cluster.nodes {
        let refused = place(node, "order-3", &other_order());
        assert_eq!((refused.status, refused.header("Content-Type")), (422, Some("application/problem+json")));
        assert_eq!(refused.json()["code"], "key_reused");
        assert_eq!(place(node, "order-3", &order()).status, 201);
    }
}

#[test]
fn without_a_key_or_under_another_one_an_order_is_a_new_one() {
    let cluster = Cluster::start();
    let id = |answer: Answer| text(&answer.json(), "orderId").unwrap();
    let node = &cluster.nodes[0];
    let mut ids = vec![node.place_order(), node.place_order()];
    ids.extend(["order-4", "order-5"].map(|key| id(place(node, key, &order()))));
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4);
}

#[test]
fn an_order_that_is_shipped_under_a_key_is_shipped_again_with_the_same_answer() {
    let cluster = Cluster::start();
    let ship =
        |node: &Node, id: &str| node.post_with(&format!("/orders/{id}/ship"), &[("Idempotency-Key", "ship")], "");
    let (id, other) = (cluster.nodes[0].place_order(), cluster.nodes[0].place_order());
    let shipped = ship(&cluster.nodes[0], &id);
    assert_eq!((shipped.status, &shipped.json()["status"]), (200, &json!("Shipped")));
    for node in &cluster.nodes {
        let again = ship(node, &id);
        assert_eq!((again.status, &again.body), (200, &shipped.body));
        assert_eq!(ship(node, &other).status, 422);
    }
    assert_eq!(cluster.nodes[0].post(&format!("/orders/{id}/ship"), "").status, 409);
}

#[test]
fn a_bad_key_is_refused_by_the_headers_name() {
    let cluster = Cluster::start();
    let id = cluster.nodes[0].place_order();
    for (path, body) in [("/orders", order().to_string()), (&format!("/orders/{id}/ship"), String::new())] {
        for headers in [
            &[("Idempotency-Key", "")][..],
            &[("Idempotency-Key", "a\tb")],
            &[("Idempotency-Key", &"k".repeat(256))],
            &[("Idempotency-Key", "a"), ("Idempotency-Key", "b")],
        ] {
            let refused = cluster.nodes[0].post_with(path, headers, &body);
            assert_eq!((refused.status, refused.header("Content-Type")), (400, Some("application/problem+json")));
            assert_eq!(refused.json()["field"], "Idempotency-Key", "{}", refused.body);
        }
    }
    assert_eq!(cluster.nodes[0].get(&format!("/orders/{id}")).json()["status"], "Created");
}
