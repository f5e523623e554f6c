use crate::support::{Cluster, eventually, order};

#[test]
fn a_node_shows_its_own_series_and_no_other() {
    let cluster = Cluster::start();
    cluster.nodes[0].place_order();
    for node in &cluster.nodes {
        let received = ["message=\"OrderCreated\"", "handler=\"show_order_created\"", "outcome=\"ok\""];
        eventually("the event is counted", || {
            (node.metric("catga_messages_handled_total", &received) == 1.0).then_some(())
        });
        let answer = node.get("/metrics");
        assert!(answer.header("Content-Type").unwrap().starts_with("text/plain; version=0.0.4"));
        let series: Vec<_> = answer.body.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
        let label = format!("node=\"{}\"", node.name);
        assert!(!series.is_empty() && series.iter().all(|series| series.contains(&label)), "{}", answer.body);
    }
}

#[test]
fn outcomes_are_counted_by_their_code() {
    let cluster = Cluster::start();
    let refused = order().to_string().replace("CUST-001", " ");
    assert_eq!(cluster.nodes[0].post("/orders", &refused).status, 400);
    let labels = ["message=\"CreateOrder\"", "handler=\"create_order\"", "outcome=\"validation\""];
    let counted: f64 = cluster.nodes.iter().map(|node| node.metric("catga_messages_handled_total", &labels)).sum();
    assert_eq!(counted, 1.0);
}

#[test]
fn durations_are_a_histogram() {
    let cluster = Cluster::start();
    cluster.nodes[0].place_order();
    let sum = |name: &str, labels: &[&str]| cluster.nodes.iter().map(|node| node.metric(name, labels)).sum::<f64>();
    let created = "message=\"CreateOrder\"";
    assert_eq!(sum("catga_message_duration_seconds_bucket", &[created, "le=\"+Inf\""]), 1.0);
    assert_eq!(sum("catga_message_duration_seconds_count", &[created]), 1.0);
    assert!(sum("catga_message_duration_seconds_sum", &[created]) > 0.0);
}
