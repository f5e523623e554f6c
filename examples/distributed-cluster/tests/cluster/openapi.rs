use serde_json::{Value, json};

use crate::support::Cluster;

/// All `$ref`s in a document.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, member)| match member {
            Value::String(target) if name == "$ref" => found.push(target.clone()),
            member => references(member, found),
        }),
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_route_is_described() {
    let cluster = Cluster::start();
    let description = cluster.nodes[0].get("/openapi.json").json();
    let paths = description["paths"].as_object().unwrap();
    let operations: Vec<_> = paths
        .iter()
        .flat_map(|(path, operations)| {
            operations.as_object().unwrap().keys().map(move |method| format!("{method} {path}"))
        })
        .collect();
    let expected = [
        "get /dead-letters",
        "delete /dead-letters/{id}",
        "post /dead-letters/{id}/replay",
        "get /health",
        "get /health/live",
        "get /health/ready",
        "delete /mailboxes/{customerId}",
        "put /mailboxes/{customerId}",
        "get /metrics",
        "post /orders",
        "get /orders/{orderId}",
        "post /orders/{orderId}/ship",
    ];
    assert_eq!(operations, expected);
    let mut targets = Vec::new();
    references(&description, &mut targets);
    assert!(!targets.is_empty());
    for target in targets {
        assert!(description.pointer(target.trim_start_matches('#')).is_some(), "{target}");
    }
}

#[test]
fn every_status_that_a_route_of_orders_answers_with_is_described() {
    let cluster = Cluster::start();
    let paths = cluster.nodes[0].get("/openapi.json").json()["paths"].clone();
    for (path, method, expected) in [
        ("/orders", "post", &["201", "400", "408", "413", "415", "422", "500", "503", "504"][..]),
        ("/orders/{orderId}", "get", &["200", "404", "500", "503", "504"]),
        ("/orders/{orderId}/ship", "post", &["200", "400", "404", "409", "422", "500", "503", "504"]),
    ] {
        let statuses: Vec<_> = paths[path][method]["responses"].as_object().unwrap().keys().collect();
        assert_eq!(statuses, expected, "{method} {path}");
    }
}

#[test]
fn the_key_is_described_where_it_is_read() {
    let cluster = Cluster::start();
    let paths = cluster.nodes[0].get("/openapi.json").json()["paths"].clone();
    for path in ["/orders", "/orders/{orderId}/ship"] {
        let parameters = paths[path]["post"]["parameters"].as_array().unwrap();
        let key = parameters.iter().find(|parameter| parameter["name"] == "Idempotency-Key").unwrap();
        assert_eq!((&key["in"], &key["required"]), (&json!("header"), &json!(false)));
        assert_eq!(key["schema"]["maxLength"], 255);
    }
}

#[test]
fn bodies_are_described_as_they_are() {
    let cluster = Cluster::start();
    let schemas = cluster.nodes[0].get("/openapi.json").json()["components"]["schemas"].clone();
    let placed = cluster.nodes[0].post("/orders", &crate::support::order().to_string());
    let shown = cluster.nodes[0].get(placed.header("Location").unwrap());
    for (name, body) in
        [("Receipt", placed.json()), ("ShownOrder", shown.json()), ("Item", shown.json()["items"][0].clone())]
    {
        let names = |object: &Value| object.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&schemas[name]["properties"]), names(&body), "{name}");
    }
}

#[test]
fn the_page_fetches_nothing_from_elsewhere() {
    let cluster = Cluster::start();
    let page = cluster.nodes[0].get("/docs/");
    assert_eq!(page.status, 200);
    let parts = page.body.split(['"', '\'']);
    let files: Vec<_> = parts.filter(|part| [".js", ".css"].iter().any(|end| part.ends_with(end))).collect();
    assert!(files.len() >= 3, "{files:?}");
    for file in files {
        assert!(!file.contains("//"), "{file}");
        assert_eq!(cluster.nodes[0].get(&format!("/docs/{}", file.trim_start_matches("./"))).status, 200, "{file}");
    }
    let settings = cluster.nodes[0].get("/docs/swagger-initializer.js").body;
    assert!(settings.contains("\"/openapi.json\"") && !settings.contains("http"), "{settings}");
}
