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
        writeln!(out, "\nPlace an order, look at it, ship it, on whichever nodes:\n")?;
        writeln!(
            out,
            "  ORDER=$(curl -s {first}/orders -H 'Content-Type: application/json' -d '{ORDER}' | grep -o '[0-9a-f-]\\{{36\\}}')"
        )?;
        writeln!(out, "  curl {second}/orders/$ORDER")?;
        writeln!(out, "  curl -X POST {third}/orders/$ORDER/ship")?;
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

const ORDER: &str = r#"{"customerId":"CUST-001","items":[{"productId":"PROD-001","productName":"Laptop","quantity":1,"unitPrice":999.99}]}"#;
