use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::{Value, json};

use crate::support::{Answer, Cluster, Node, order};

/// That it is a problem document of this status.
fn assert_problem(answer: &Answer, status: u16) -> Value {
    assert_eq!(
        (answer.status, answer.header("Content-Type")),
        (status, Some("application/problem+json")),
        "{}",
        answer.body
    );
    let problem = answer.json();
    assert_eq!((&problem["type"], &problem["status"]), (&json!("about:blank"), &json!(status)));
    assert!(problem["title"].is_string() && problem["detail"].is_string(), "{problem}");
    problem
}

fn refused(node: &Node, body: &str, field: Option<&str>) {
    let problem = assert_problem(&node.post("/orders", body), 400);
    assert_eq!(problem["field"].as_str(), field, "{body:.60}: {problem}");
}

#[test]
fn what_is_wrong_with_an_order_is_named() {
    let cluster = Cluster::start();
    let changed = |pointer: &str, value: Value| {
        let mut order = order();
        *order.pointer_mut(pointer).unwrap() = value;
        order.to_string()
    };
    for (pointer, value, field) in [
        ("/customerId", json!(""), "customerId"),
        ("/customerId", json!("  "), "customerId"),
        ("/customerId", json!("c".repeat(65)), "customerId"),
        ("/customerId", json!("line\nbreak"), "customerId"),
        ("/customerId", json!(7), "customerId"),
        ("/items", json!([]), "items"),
        ("/items", json!("none"), "items"),
        ("/items", json!(vec![order()["items"][0].clone(); 101]), "items"),
        ("/items/0/productId", json!(" "), "items[0].productId"),
        ("/items/0/productName", json!("n".repeat(201)), "items[0].productName"),
        ("/items/0/quantity", json!(0), "items[0].quantity"),
        ("/items/0/quantity", json!(-1), "items[0].quantity"),
        ("/items/0/quantity", json!(1.5), "items[0].quantity"),
        ("/items/0/quantity", json!("1"), "items[0].quantity"),
        ("/items/0/quantity", json!(4294967296_u64), "items[0].quantity"),
        ("/items/0/unitPrice", json!(-0.01), "items[0].unitPrice"),
        ("/items/0/unitPrice", json!("999.99"), "items[0].unitPrice"),
        ("/items/0/unitPrice", json!(null), "items[0].unitPrice"),
        ("/items/0/unitPrice", json!(1e300), "items[0].unitPrice"),
    ] {
        refused(&cluster.nodes[0], &changed(pointer, value), Some(field));
    }
}

#[test]
fn a_missing_field_is_named() {
    let cluster = Cluster::start();
    for field in ["customerId", "items"] {
        let mut order = order();
        order.as_object_mut().unwrap().remove(field);
        refused(&cluster.nodes[0], &order.to_string(), Some(field));
    }
    for field in ["productId", "productName", "quantity", "unitPrice"] {
        let mut order = order();
        order["items"][0].as_object_mut().unwrap().remove(field);
        refused(&cluster.nodes[0], &order.to_string(), Some(&format!("items[0].{field}")));
    }
}

#[test]
fn what_is_no_json_object_is_refused() {
    let cluster = Cluster::start();
    refused(&cluster.nodes[0], r#"["C",[["P","L",1,1]]]"#, None);
    refused(&cluster.nodes[0], r#"{"customerId":"C","items":[["P","L",1,1]]}"#, Some("items[0]"));
}

#[test]
fn a_doubled_field_is_named() {
    let cluster = Cluster::start();
    refused(&cluster.nodes[0], r#"{"customerId":"C","customerId":"D","items":[]}"#, Some("customerId"));
}

#[test]
fn an_amount_that_overflows_is_refused() {
    let cluster = Cluster::start();
    let largest = "79228162514264337593543950335";
    let item =
        |quantity: u32| format!(r#"{{"productId":"P","productName":"N","quantity":{quantity},"unitPrice":{largest}}}"#);
    let order = |items: String| format!(r#"{{"customerId":"C","items":[{items}]}}"#);
    refused(&cluster.nodes[0], &order(item(2)), Some("items[0].unitPrice"));
    refused(&cluster.nodes[0], &order(format!("{},{}", item(1), item(1))), Some("items"));
    assert_eq!(cluster.nodes[0].post("/orders", &order(item(1))).status, 201);
}

#[test]
fn what_is_no_json_is_refused() {
    let cluster = Cluster::start();
    for body in ["", "{", "order", "{\"customerId\":\"C\"", &format!("{} x", order())] {
        refused(&cluster.nodes[0], body, None);
    }
    // Nested deeper than anybody needs.
    refused(&cluster.nodes[0], &format!("{{\"customerId\":{}", "[".repeat(10_000)), Some("customerId"));
    refused(&cluster.nodes[0], &format!("{{\"other\":{}", "[".repeat(10_000)), None);
}

#[test]
fn http_is_refused_with_problems_as_well() {
    let cluster = Cluster::start();
    let node = &cluster.nodes[0];
    let padded = format!("{}{}", order(), " ".repeat(64 * 1024));
    assert_problem(&node.post("/orders", &padded), 413);
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "nonsense"] {
        assert_problem(&node.post_as("/orders", content_type, &order().to_string()), 415);
    }
    assert_problem(&node.get("/nothing"), 404);
    assert_problem(&node.get("/docs/nothing"), 404);
    let wrong_method = node.delete("/orders");
    assert_problem(&wrong_method, 405);
    assert_eq!(wrong_method.header("Allow"), Some("POST"));
}

#[test]
fn a_body_that_does_not_come_is_given_up() {
    let cluster = Cluster::start();
    let mut stream = TcpStream::connect(cluster.nodes[0].address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
        .write_all(b"POST /orders HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
}

#[test]
fn an_order_that_nobody_placed_is_unknown_whatever_its_id_looks_like() {
    let cluster = Cluster::start();
    for id in ["019ab000-0000-7000-8000-000000000000", "1", "nobody-has-this-one", "%ff", "%00", &"x".repeat(1000)] {
        for node in &cluster.nodes {
            assert_problem(&node.get(&format!("/orders/{id}")), 404);
            assert_problem(&node.post(&format!("/orders/{id}/ship"), ""), 404);
        }
    }
}
