use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::{Command, Output, Stdio},
    time::Duration,
};

use crate::support::{Cluster, Process, eventually, order, program, text};

/// A request whose head has arrived and whose body hasn't.
struct HalfSent {
    stream: TcpStream,
    body: String,
}

impl HalfSent {
    fn to(address: &str) -> Self {
        let body = order().to_string();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        write!(
            stream,
            "POST /orders HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
            body.len()
        )
        .unwrap();
        // The server says so when a handler asks for the body.
        let mut told = [0; 25];
        stream.read_exact(&mut told).unwrap();
        assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
        Self { stream, body }
    }

    fn finish(mut self) -> String {
        self.stream.write_all(self.body.as_bytes()).unwrap();
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

fn refuses_connections(address: &str) -> Option<()> {
    TcpStream::connect(address).is_err().then_some(())
}

#[test]
fn a_signal_finishes_what_runs_and_ends_well() {
    for signal in ["INT", "TERM"] {
        let mut cluster = Cluster::start();
        let address = cluster.nodes[0].address().to_owned();
        let running = HalfSent::to(&address);
        cluster.signal(signal);
        eventually("no more connections are taken", || refuses_connections(&address));
        let answer = running.finish();
        assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
        assert!(cluster.ended().success(), "after SIG{signal}");
    }
}

#[test]
fn a_second_signal_ends_at_once() {
    let mut cluster = Cluster::start();
    let address = cluster.nodes[0].address().to_owned();
    let running = HalfSent::to(&address);
    cluster.signal("TERM");
    eventually("no more connections are taken", || refuses_connections(&address));
    cluster.signal("INT");
    assert_eq!(cluster.ended().code(), Some(130));
    drop(running);
}

/// What the program says when it doesn't start.
fn refused(arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = program(arguments).stderr(Stdio::piped()).output().unwrap();
    assert!(stdout.is_empty(), "nothing is started: {}", String::from_utf8_lossy(&stdout));
    (status.code(), String::from_utf8(stderr).unwrap())
}

#[test]
fn a_port_in_use_is_named_in_one_line() {
    // The last of three neighbours is taken. Ports below 32768 aren't given away to whoever asks for a free one.
    let (taken, port) = (20_000_u16..30_000)
        .step_by(3)
        .find_map(|port| {
            let free = |port| TcpListener::bind(("127.0.0.1", port)).ok();
            Some((free(port)?, free(port + 1)?, free(port + 2)?)).map(|(_, _, last)| (last, port + 2))
        })
        .unwrap();
    let (code, said) = refused(&["--port", &(port - 2).to_string()]);
    assert_eq!(code, Some(1));
    let expected = format!(
        "error: port {port} is in use; end the program that listens there, or choose other ports with --port\n"
    );
    assert_eq!(said, expected);
    drop(taken);
}

#[test]
fn a_bad_flag_is_named_in_one_line() {
    for (arguments, named) in [
        (&["--nods", "3"][..], "--nods"),
        (&["--nodes", "many"], "--nodes"),
        (&["--nodes", "0"], "--nodes"),
        (&["--port", "70000"], "--port"),
        (&["--port", "65534"], "--port"),
        (&["--roles", "boss,api,api"], "--roles"),
        (&["--roles", "worker"], "--roles"),
    ] {
        let (code, said) = refused(arguments);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(named) && said.contains("--help"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn the_help_tells_everything() {
    let Output { status, stdout, .. } = program(&["--help"]).output().unwrap();
    assert!(status.success());
    let help = String::from_utf8(stdout).unwrap();
    for told in ["--nodes", "--port", "--roles", "--log-json", "5001", "worker", "NO_COLOR", "RUST_LOG", "Ctrl-C"] {
        assert!(help.contains(told), "{told} is missing from\n{help}");
    }
}

#[test]
fn the_lines_it_prints_can_be_pasted() {
    let (_process, log) = Process::start(&mut program(&["--port", "0"]));
    let printed = eventually("it tells where to look", || {
        log.lines().iter().any(|line| line.contains("/docs shows the rest")).then(|| log.lines())
    });
    let pasted: Vec<_> = printed.iter().filter(|line| line.contains("curl")).cloned().collect();
    assert_eq!(pasted.len(), 8, "{printed:?}");
    let shell = Command::new("sh").args(["-euc", &pasted.join("\n")]).stderr(Stdio::null()).output().unwrap();
    let answers = String::from_utf8(shell.stdout).unwrap();
    let mut answers = serde_json::Deserializer::from_str(&answers).into_iter::<serde_json::Value>();
    let statuses: Vec<_> = answers.by_ref().map(|answer| text(&answer.unwrap(), "status")).collect();
    assert_eq!(statuses, [Some("Created".to_owned()), Some("Shipped".to_owned()), None]);
    eventually("the receipt that bounced is sent", || {
        let is_sent = |line: &String| line.contains("sent a receipt") && line.contains("CUST-002");
        log.lines().iter().any(is_sent).then_some(())
    });
    // It wasn't written to a terminal.
    assert!(log.lines().iter().all(|line| !line.contains('\x1b')), "{:?}", log.lines());
}

#[test]
fn health_tells_node_and_version() {
    let cluster = Cluster::start();
    for node in &cluster.nodes {
        for path in ["/health", "/health/live", "/health/ready"] {
            let answer = node.get(path);
            let expected =
                format!(r#"{{"status":"Healthy","node":"{}","version":"{}"}}"#, node.name, env!("CARGO_PKG_VERSION"));
            assert_eq!((answer.status, answer.body), (200, expected));
        }
    }
}
