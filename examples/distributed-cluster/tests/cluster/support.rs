//! A cluster as a process of its own, on free ports, and a client for it.

use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use ureq::{Agent, http::Response};

/// What is waited for comes within this time, or never.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process; killed when dropped.
pub(crate) struct Process(Child);

/// A cluster that runs.
pub(crate) struct Cluster {
    process: Process,
    log: Log,
    pub(crate) nodes: Vec<Node>,
}

/// One of its nodes, as the log told.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) name: String,
    url: String,
    agent: Agent,
}

impl Cluster {
    /// Three nodes.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// Three nodes, ready, started with further arguments.
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        let (process, log) = Process::start(program(&["--port", "0", "--log-json"]).args(arguments));
        let mut cluster = Self { process, log, nodes: Vec::new() };
        cluster.nodes = eventually("three nodes announce themselves", || {
            let nodes: Vec<_> = cluster.log.events().iter().filter_map(Node::announced).collect();
            (nodes.len() == 3).then_some(nodes)
        });
        for node in &cluster.nodes {
            eventually("each node is ready", || (node.get("/health/ready").status == 200).then_some(()));
        }
        cluster
    }

    /// The log so far, one object an event.
    pub(crate) fn log(&self) -> Vec<Value> {
        self.log.events()
    }

    /// Sends it a signal: `INT`, `TERM`.
    pub(crate) fn signal(&self, signal: &str) {
        let id = self.process.0.id().to_string();
        assert!(Command::new("kill").args([&format!("-{signal}"), &id]).status().unwrap().success());
    }

    /// Waits for its end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        eventually("it ends", || self.process.0.try_wait().unwrap())
    }
}

impl Process {
    /// Starts it, and follows what it prints.
    pub(crate) fn start(program: &mut Command) -> (Self, Log) {
        let mut child = program.spawn().unwrap();
        let log = Log::follow(child.stdout.take().unwrap());
        (Self(child), log)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Node {
    fn announced(event: &Value) -> Option<Self> {
        let agent = Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).build().into();
        Some(Self { name: text(event, "node")?, url: text(event, "url")?, agent })
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.agent.get(format!("{}{path}", self.url)).call().unwrap().into()
    }

    /// Posts JSON text.
    pub(crate) fn post(&self, path: &str, body: &str) -> Answer {
        self.post_as(path, "application/json", body)
    }

    /// Posts JSON text with further headers.
    pub(crate) fn post_with(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let request = self.agent.post(format!("{}{path}", self.url)).header("Content-Type", "application/json");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.send(body).unwrap().into()
    }

    pub(crate) fn post_as(&self, path: &str, content_type: &str, body: &str) -> Answer {
        let request = self.agent.post(format!("{}{path}", self.url)).header("Content-Type", content_type);
        request.send(body).unwrap().into()
    }

    pub(crate) fn put(&self, path: &str) -> Answer {
        self.agent.put(format!("{}{path}", self.url)).send_empty().unwrap().into()
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.agent.delete(format!("{}{path}", self.url)).call().unwrap().into()
    }

    /// Places the order of the README, and gives its id.
    pub(crate) fn place_order(&self) -> String {
        let answer = self.post("/orders", &order().to_string());
        assert_eq!(answer.status, 201, "{}", answer.body);
        text(&answer.json(), "orderId").unwrap()
    }

    /// The sum of this node's series of a metric whose labels include all of these, as in `message="GetOrder"`.
    pub(crate) fn metric(&self, name: &str, labels: &[&str]) -> f64 {
        let metrics = self.get("/metrics").body;
        let series = metrics.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('{')?.split_once("} "));
        let wanted = series.filter(|(has, _)| labels.iter().all(|label| has.contains(label)));
        wanted.map(|(_, value)| value.parse::<f64>().unwrap()).sum()
    }
}

/// An answer over HTTP.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: ureq::http::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl From<Response<ureq::Body>> for Answer {
    fn from(response: Response<ureq::Body>) -> Self {
        let (parts, mut body) = response.into_parts();
        Self { status: parts.status.as_u16(), headers: parts.headers, body: body.read_to_string().unwrap() }
    }
}

/// The program, with its output piped.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_distributed-cluster"));
    program.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).env_remove("RUST_LOG");
    program
}

/// The order of the README.
pub(crate) fn order() -> Value {
    json!({
        "customerId": "CUST-001",
        "items": [{ "productId": "PROD-001", "productName": "Laptop", "quantity": 1, "unitPrice": 999.99 }],
    })
}

pub(crate) fn text(object: &Value, name: &str) -> Option<String> {
    object.get(name)?.as_str().map(str::to_owned)
}

/// Asks until there is an answer.
pub(crate) fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// What a process has printed so far.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn follow(output: ChildStdout) -> Self {
        let log = Self::default();
        let lines = log.clone();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                lines.0.lock().unwrap().push(line);
            }
        });
        log
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    fn events(&self) -> Vec<Value> {
        self.lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}
