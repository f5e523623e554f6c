use std::io::{self, Write};

use tracing::info;

use super::Member;

/// Tells people what runs where, and what to try.
///
/// # Errors
///
/// The standard output can't be written.
pub(super) fn to_people(members: &[Member]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "\nThe cluster runs:\n")?;
    for member in members {
        writeln!(out, "  {:<8} {:<24} {}", member.name(), member.url(), member.roles())?;
    }
    let urls: Vec<_> = members.iter().filter(|member| member.roles().api).map(Member::url).collect();
    let mut urls = urls.iter().cycle();
    if let (Some(first), Some(second), Some(third)) = (urls.next(), urls.next(), urls.next()) {
        let (order, bounces) = (order_of("CUST-001"), order_of("CUST-002"));
        writeln!(
            out,
            r"
Place an order, which is one however often you send it under this key; look at it, ship it, on whichever nodes:

  ORDER=$(curl -s {first}/orders {JSON} -H 'Idempotency-Key: order-1' -d '{order}' | grep -o '[0-9a-f-]\{{36\}}')
  curl {second}/orders/$ORDER
  curl -X POST {third}/orders/$ORDER/ship

Close a customer's mailbox and place an order, whose receipt bounces; find the dead letter, open the mailbox, replay it:

  curl -X DELETE {first}/mailboxes/CUST-002
  curl {second}/orders {JSON} -d '{bounces}'
  until LETTER=$(curl -s {third}/dead-letters | grep -o '[0-9a-f-]\{{36\}}~[A-Za-z_~]*'); do sleep 1; done
  curl -X PUT {first}/mailboxes/CUST-002
  curl -X POST {second}/dead-letters/$LETTER/replay"
        )?;
        writeln!(out, "\n{first}/docs shows the rest. Ctrl-C ends it all.\n")?;
    }
    out.flush()
}

/// Tells programs where each node is: an event with `node` and `url` for each, once all of them run.
pub(super) fn to_programs(members: &[Member]) {
    for member in members {
        let (node, url) = (member.name(), member.url());
        info!(node, url, roles = %member.roles(), "Node {node} serves {url}");
    }
}

const JSON: &str = "-H 'Content-Type: application/json'";

fn order_of(customer: &str) -> String {
    format!(
        r#"{{"customerId":"{customer}","items":[{{"productId":"PROD-001","productName":"Laptop","quantity":1,"unitPrice":999.99}}]}}"#
    )
}
