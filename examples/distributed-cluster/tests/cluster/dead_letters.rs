use serde_json::{Value, json};

use crate::support::{Cluster, Node, eventually, order, text};

const HANDLED: &str = "catga_messages_handled_total";

/// How many runs of `send_receipt` had this outcome, on all nodes.
fn receipts(cluster: &Cluster, outcome: &str) -> f64 {
    let labels = ["handler=\"send_receipt\"", &format!("outcome=\"{outcome}\"")];
    cluster.nodes.iter().map(|node| node.metric(HANDLED, &labels)).sum()
}

/// Places an order for this customer.
fn order_for(node: &Node, customer: &str) {
    let mut order = order();
    order["customerId"] = json!(customer);
    assert_eq!(node.post("/orders", &order.to_string()).status, 201);
}

/// Closes the customer's mailbox, and orders, so that the receipt ends as a dead letter; that, as a node shows it.
fn bounced(cluster: &Cluster, customer: &str) -> Value {
    let node = &cluster.nodes[0];
    assert_eq!(node.delete(&format!("/mailboxes/{customer}")).status, 204);
    order_for(node, customer);
    eventually("the receipt ends as a dead letter", || {
        let letters = letters(node, "");
        letters.into_iter().find(|letter| text(letter, "error").unwrap().contains(customer))
    })
}

/// What a node lists first.
fn letters(node: &Node, query: &str) -> Vec<Value> {
    let answer = node.get(&format!("/dead-letters{query}"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["deadLetters"].as_array().unwrap().clone()
}

fn path_of(letter: &Value) -> String {
    format!("/dead-letters/{}", text(letter, "id").unwrap())
}

#[test]
fn a_receipt_that_is_refused_twice_is_sent_by_the_third_attempt() {
    let cluster = Cluster::start();
    let id = cluster.nodes[0].place_order();
    eventually("it is sent", || (receipts(&cluster, "ok") == 1.0).then_some(()));
    assert_eq!(receipts(&cluster, "unavailable"), 2.0);
    let said = |what: &str| {
        let log = cluster.log();
        let of_it = log.iter().filter(|event| event["order_id"] == id.as_str());
        let ends = of_it.filter(|event| text(event, "message").is_some_and(|message| message.ends_with(what)));
        ends.map(|event| event["attempt"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!((said("sending a receipt"), said("sent a receipt")), (vec![1, 2, 3], vec![3]));
    assert_eq!(letters(&cluster.nodes[0], ""), [] as [Value; 0]);
}

#[test]
fn a_receipt_that_bounces_is_a_dead_letter_on_every_node() {
    let cluster = Cluster::start();
    let letter = bounced(&cluster, "CUST-002");
    assert_eq!((&letter["message"], &letter["handler"]), (&json!("OrderCreated"), &json!("OrderCreated/send_receipt")));
    assert_eq!((&letter["code"], &letter["attempts"]), (&json!("not_found"), &json!(1)));
    assert_eq!(letter["error"], "the mailbox of CUST-002 is closed");
    assert!(text(&letter, "givenUpAt").unwrap().parse::<jiff::Timestamp>().unwrap() <= jiff::Timestamp::now());
    assert!(cluster.nodes.iter().all(|node| letters(node, "") == [letter.clone()]));
}

#[test]
fn a_dead_letter_is_replayed_once_to_its_handler_alone() {
    let cluster = Cluster::start();
    let replay = format!("{}/replay", path_of(&bounced(&cluster, "CUST-003")));
    assert_eq!(cluster.nodes[1].put("/mailboxes/CUST-003").status, 204);
    let replayed = cluster.nodes[2].post_with(&replay, &[("From", "ada@example.org")], "");
    assert_eq!((replayed.status, replayed.body.as_str()), (204, ""));
    eventually("the receipt is sent", || (receipts(&cluster, "ok") == 1.0).then_some(()));
    for node in &cluster.nodes {
        assert_eq!(letters(node, ""), [] as [Value; 0]);
        assert_eq!(node.post(&replay, "").status, 404);
        let shown = ["handler=\"show_order_created\"", "outcome=\"ok\""];
        assert_eq!(node.metric(HANDLED, &shown), 1.0);
    }
}

#[test]
fn a_dead_letter_that_is_replayed_too_early_comes_back() {
    let cluster = Cluster::start();
    let letter = bounced(&cluster, "CUST-004");
    assert_eq!(cluster.nodes[0].post(&format!("{}/replay", path_of(&letter)), "").status, 204);
    eventually("it bounces again", || (receipts(&cluster, "not_found") == 2.0).then_some(()));
    let back = eventually("it comes back", || letters(&cluster.nodes[1], "").pop());
    assert_eq!(back["id"], letter["id"]);
}

#[test]
fn a_dead_letter_is_discarded_once() {
    let cluster = Cluster::start();
    let path = path_of(&bounced(&cluster, "CUST-005"));
    let statuses: Vec<_> = cluster.nodes.iter().map(|node| node.delete(&path).status).collect();
    assert_eq!(statuses, [204, 404, 404]);
    assert_eq!(letters(&cluster.nodes[0], ""), [] as [Value; 0]);
}

#[test]
fn dead_letters_are_listed_by_handler_and_message_and_page_by_page() {
    let cluster = Cluster::start();
    let node = &cluster.nodes[0];
    assert_eq!(node.delete("/mailboxes/CUST-006").status, 204);
    (0..103).for_each(|_| order_for(node, "CUST-006"));
    let total = |query: &str| node.get(&format!("/dead-letters{query}")).json()["total"].as_u64().unwrap();
    eventually("all receipts bounce", || (total("") == 103).then_some(()));
    for (query, expected) in [
        ("?handler=OrderCreated/send_receipt", 103),
        ("?handler=OrderCreated/show_order_created", 0),
        ("?message=OrderCreated", 103),
        ("?message=OrderShipped&handler=OrderCreated/send_receipt", 0),
    ] {
        assert_eq!(total(query), expected, "{query}");
    }
    let first = node.get("/dead-letters").json();
    let rest = cluster.nodes[1].get(&format!("/dead-letters?cursor={}", text(&first, "next").unwrap())).json();
    let ids = [first, rest.clone()].map(|page| {
        let letters = page["deadLetters"].as_array().unwrap().iter();
        letters.map(|letter| text(letter, "id").unwrap()).collect::<Vec<_>>()
    });
    assert_eq!((ids[0].len(), ids[1].len(), rest.get("next")), (100, 3, None));
    let mut all = ids.concat();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 103);
}

#[test]
fn what_names_no_letter_and_no_page_is_refused() {
    let cluster = Cluster::start();
    let node = &cluster.nodes[0];
    for id in ["1", "%ff", "019ab000-0000-7000-8000-000000000000~OrderCreated~send_receipt"] {
        assert_eq!(node.post(&format!("/dead-letters/{id}/replay"), "").status, 404);
        assert_eq!(node.delete(&format!("/dead-letters/{id}")).status, 404);
    }
    for (query, field) in [("?cursor=first", json!("cursor")), ("?handler=a&handler=b", Value::Null)] {
        let refused = node.get(&format!("/dead-letters{query}"));
        assert_eq!((refused.status, refused.header("Content-Type")), (400, Some("application/problem+json")));
        assert_eq!(refused.json()["field"], field, "{}", refused.body);
    }
    let letter = path_of(&bounced(&cluster, "CUST-007"));
    let by_nobody = node.post_with(&format!("{letter}/replay"), &[("From", "a\tb")], "");
    assert_eq!((by_nobody.status, &by_nobody.json()["field"]), (400, &json!("From")));
    assert_eq!(node.delete(&format!("/mailboxes/{}", "c".repeat(65))).status, 400);
}
