use std::thread;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::{Cluster, order, text};

fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn an_order_placed_is_answered_with_its_receipt_and_place() {
    let cluster = Cluster::start();
    let answer = cluster.nodes[0].post("/orders", &order().to_string());
    assert_eq!(answer.status, 201);
    let receipt = answer.json();
    assert_eq!(keys(&receipt), ["createdAt", "customerId", "orderId", "totalAmount"]);
    assert_eq!(receipt["customerId"], "CUST-001");
    assert!(answer.body.contains("\"totalAmount\":999.99"), "{}", answer.body);
    assert!(text(&receipt, "createdAt").unwrap().parse::<Timestamp>().is_ok());
    let place = format!("/orders/{}", text(&receipt, "orderId").unwrap());
    assert_eq!(answer.header("Location"), Some(place.as_str()));
}

#[test]
fn an_order_is_on_every_node_as_soon_as_it_is_placed() {
    let cluster = Cluster::start();
    for round in 0..30 {
        let id = cluster.nodes[round % 3].place_order();
        for node in &cluster.nodes {
            let answer = node.get(&format!("/orders/{id}"));
            assert_eq!(answer.status, 200, "{}", answer.body);
            let shown = answer.json();
            assert_eq!(keys(&shown), ["createdAt", "customerId", "items", "orderId", "status", "totalAmount"]);
            assert_eq!(shown["orderId"], id.as_str());
            assert_eq!(shown["items"], order()["items"]);
            assert_eq!(shown["status"], "Created");
        }
    }
}

#[test]
fn shipped_is_seen_at_once_everywhere_and_happens_once() {
    let cluster = Cluster::start();
    for round in 0..10 {
        let id = cluster.nodes[0].place_order();
        let ship = format!("/orders/{id}/ship");
        let shipped = cluster.nodes[round % 3].post(&ship, "");
        assert_eq!((shipped.status, &shipped.json()["status"]), (200, &json!("Shipped")));
        for node in &cluster.nodes {
            assert_eq!(node.get(&format!("/orders/{id}")).json()["status"], "Shipped");
            let again = node.post(&ship, "");
            assert_eq!((again.status, again.header("Content-Type")), (409, Some("application/problem+json")));
        }
    }
}

#[test]
fn of_those_who_ship_one_order_at_the_same_time_one_does() {
    let cluster = Cluster::start();
    for _ in 0..10 {
        let path = format!("/orders/{}/ship", cluster.nodes[0].place_order());
        let callers = cluster.nodes.iter().cycle().take(6);
        let callers: Vec<_> = callers
            .map(|node| {
                let (node, path) = (node.clone(), path.clone());
                thread::spawn(move || node.post(&path, "").status)
            })
            .collect();
        let mut statuses: Vec<_> = callers.into_iter().map(|caller| caller.join().unwrap()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409, 409, 409, 409, 409]);
    }
}

#[test]
fn money_is_exact_on_its_whole_way() {
    let cluster = Cluster::start();
    for (quantity, price, total) in [
        (3, "0.1", "0.3"),
        (1, "12345678901234567.89", "12345678901234567.89"),
        (1, "7922816251426433759354395033.5", "7922816251426433759354395033.5"),
        (4_000_000_000_u32, "0.0000000001", "0.4000000000"),
        (2, "1e3", "2000"),
        (1, "0", "0"),
    ] {
        let body = format!(
            r#"{{"customerId":"C","items":[{{"productId":"P","productName":"N","quantity":{quantity},"unitPrice":{price}}}]}}"#
        );
        // Each takes several ways: by another node, in another codec, from the store.
        for node in &cluster.nodes {
            let placed = node.post("/orders", &body);
            assert!(placed.body.contains(&format!("\"totalAmount\":{total},")), "{price}: {}", placed.body);
            let shown = node.get(placed.header("Location").unwrap());
            assert!(shown.body.contains(&format!("\"totalAmount\":{total},")), "{price}: {}", shown.body);
            if price != "1e3" {
                assert!(shown.body.contains(&format!("\"unitPrice\":{price}}}")), "{price}: {}", shown.body);
            }
        }
    }
}

#[test]
fn the_largest_order_is_an_order() {
    let cluster = Cluster::start();
    let item = json!({ "productId": "p".repeat(64), "productName": "ä".repeat(100), "quantity": u32::MAX, "unitPrice": 9999999.99 });
    let largest = json!({ "customerId": "c".repeat(64), "items": vec![item; 100] });
    for node in &cluster.nodes {
        let placed = node.post("/orders", &largest.to_string());
        assert_eq!(placed.status, 201, "{}", placed.body);
        assert_eq!(node.get(placed.header("Location").unwrap()).json()["items"], largest["items"]);
    }
}
