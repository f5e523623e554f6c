//! `cargo xtask smoke`: starts the example as the README says, asks it over HTTP, types the README's curl lines, and ends it as a
//! person would.

use std::{
    fs,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use serde_json::{Value, json};

use crate::{
    http::{Answer, ask},
    step::Step,
    workspace::{cargo, root},
};

const PORTS: [u16; 3] = [5001, 5002, 5003];

/// How long the three nodes may take to be ready, once built.
const START: Duration = Duration::from_secs(60);

/// How long they may take to end.
const END: Duration = Duration::from_secs(30);

/// How long all receipts may take to be sent, once the lines are typed.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn step() -> Step {
    Step::function("the example over HTTP", "start it with `cargo run -p distributed-cluster` and look", || {
        let mut build = cargo(["build", "--quiet", "--package", "distributed-cluster"]);
        if !build.status().is_ok_and(|status| status.success()) {
            return Err("it doesn't build".to_owned());
        }
        let mut example = Example::start()?;
        example.wait_until_ready()?;
        take_an_order()?;
        type_curl_lines()?;
        await_receipts()?;
        example.interrupt()
    })
}

/// The running example; killed when dropped.
struct Example(Child);

impl Example {
    fn start() -> Result<Self, String> {
        if let Some(port) = PORTS.iter().find(|port| ask(**port, "GET", "/health", "").is_ok()) {
            return Err(format!("port {port} is in use; end what listens there"));
        }
        let child = cargo(["run", "--quiet", "--package", "distributed-cluster"]).stdin(Stdio::null()).spawn();
        child.map(Self).map_err(|cause| format!("couldn't start cargo: {cause}"))
    }

    fn wait_until_ready(&mut self) -> Result<(), String> {
        let start = Instant::now();
        for port in PORTS {
            while !ask(port, "GET", "/health/ready", "").is_ok_and(|answer| answer.status == 200) {
                if let Ok(Some(status)) = self.0.try_wait() {
                    return Err(format!("it ended by itself with {status}"));
                }
                if start.elapsed() > START {
                    return Err(format!("the node on port {port} wasn't ready within {START:?}"));
                }
                thread::sleep(Duration::from_millis(50));
            }
        }
        Ok(())
    }

    /// Sends SIGINT, as Ctrl-C does: it must end, with 0.
    fn interrupt(mut self) -> Result<(), String> {
        // `cargo run` has become the example itself, so this reaches it and nothing else.
        let sent = Command::new("kill").args(["-INT", &self.0.id().to_string()]).status();
        if !sent.is_ok_and(|status| status.success()) {
            return Err("couldn't send it SIGINT".to_owned());
        }
        let start = Instant::now();
        loop {
            match self.0.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => return Err(format!("after SIGINT it ended with {status}")),
                Ok(None) if start.elapsed() < END => thread::sleep(Duration::from_millis(20)),
                Ok(None) => return Err(format!("it still ran {END:?} after SIGINT")),
                Err(cause) => return Err(format!("couldn't wait for it: {cause}")),
            }
        }
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// One order's way: made on the first node, seen on all, shipped on the second, shipped only once.
fn take_an_order() -> Result<(), String> {
    let order = json!({
        "customerId": "CUST-001",
        "items": [{ "productId": "PROD-001", "productName": "Laptop", "quantity": 1, "unitPrice": 999.99 }],
    });
    let created = expect(5001, "POST", "/orders", &order.to_string(), 201)?;
    let id = field(&created, "orderId")?;
    if !created.header("location").is_some_and(|location| location.ends_with(&format!("/orders/{id}"))) {
        return Err(format!("POST /orders answered with the Location {:?}", created.header("location")));
    }
    let path = format!("/orders/{id}");
    for port in PORTS {
        expect(port, "GET", &path, "", 200)?;
    }
    let ship = format!("{path}/ship");
    expect(5002, "POST", &ship, "", 200)?;
    for port in PORTS {
        let status = field(&expect(port, "GET", &path, "", 200)?, "status")?;
        if status != "Shipped" {
            return Err(format!("after shipping, port {port} says the status is {status}"));
        }
    }
    expect(5003, "POST", &ship, "", 409)?;
    expect(5001, "POST", "/orders", "{", 400)?;
    expect(5002, "GET", "/orders/nobody-has-this-one", "", 404)?;
    for port in PORTS {
        let health = field(&expect(port, "GET", "/health", "", 200)?, "status")?;
        let metrics = expect(port, "GET", "/metrics", "", 200)?;
        if health != "Healthy" || !metrics.body.contains("catga_messages_handled_total") {
            return Err(format!("port {port} is {health}, or counts no messages"));
        }
        expect(port, "GET", "/openapi.json", "", 200)?;
    }
    Ok(())
}

fn expect(port: u16, method: &str, path: &str, body: &str, status: u16) -> Result<Answer, String> {
    let answer = ask(port, method, path, body).map_err(|cause| format!("{method} {path} on port {port}: {cause}"))?;
    if answer.status == status {
        Ok(answer)
    } else {
        Err(format!("{method} {path} on port {port} answered {}, not {status}: {}", answer.status, answer.body))
    }
}

fn field(answer: &Answer, name: &str) -> Result<String, String> {
    let value =
        serde_json::from_str::<Value>(&answer.body).ok().and_then(|body| Some(body.get(name)?.as_str()?.to_owned()));
    value.ok_or_else(|| format!("the answer has no text `{name}`: {}", answer.body))
}

/// Types what the README shows, block by block, with curl failing where the server refuses.
fn type_curl_lines() -> Result<(), String> {
    let readme =
        fs::read_to_string(root().join("README.md")).map_err(|cause| format!("couldn't read README.md: {cause}"))?;
    let blocks = curl_blocks(&readme);
    if blocks.is_empty() {
        return Err("README.md shows no curl line".to_owned());
    }
    for block in blocks {
        let script = format!("set -eu\ncurl() {{ command curl --silent --show-error --fail \"$@\"; echo; }}\n{block}");
        let status = Command::new("sh").args(["-c", &script]).current_dir(root()).status();
        if !status.is_ok_and(|status| status.success()) {
            return Err(format!("these lines of README.md fail:\n{block}"));
        }
    }
    Ok(())
}

/// Waits until the receipts of all orders placed so far are sent: here, and in the README, which also replays one that bounced.
fn await_receipts() -> Result<(), String> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        let mut sent = 0;
        for port in PORTS {
            let metrics = expect(port, "GET", "/metrics", "", 200)?.body;
            let of_receipts = |line: &&str| line.contains("handler=\"send_receipt\",outcome=\"ok\"} ");
            let counts =
                metrics.lines().filter(of_receipts).filter_map(|line| line.rsplit(' ').next()?.parse::<u32>().ok());
            sent += counts.sum::<u32>();
        }
        if sent == 3 {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(50));
    }
    Err(format!("not all receipts were sent within {PATIENCE:?}"))
}

/// The blocks of shell lines in a page that hold a curl line.
fn curl_blocks(page: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut block = None;
    for event in Parser::new(page) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) if matches!(&*language, "sh" | "bash") => {
                block = Some(String::new());
            }
            Event::Text(text) => {
                if let Some(block) = &mut block {
                    block.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                let lines = block.take();
                blocks.extend(lines.filter(|lines| lines.lines().any(|line| line.trim_start().starts_with("curl "))));
            }
            _ => {}
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_shell_blocks_with_a_curl_line_are_typed() {
        let page = "```sh\ncargo run\n```\n\n```sh\nORDER=1\ncurl localhost:5001/orders/$ORDER\n```\n\n```json\ncurl no\n```\n";
        assert_eq!(curl_blocks(page), ["ORDER=1\ncurl localhost:5001/orders/$ORDER\n"]);
    }
}
