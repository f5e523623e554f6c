//! Retries: a policy of one's own, a handler that fails twice and works, a dead letter and its replay: `cargo run --example retries`.

#![expect(clippy::print_stdout, reason = "an example speaks to the person who runs it")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use catga::{
    message::MessageId,
    persistence::{DeadLetter, Letters},
    prelude::*,
    retry::{Failure, Next},
};
use tokio::{sync::mpsc, time::sleep};

#[derive(Event, Clone, Serialize, Deserialize)]
struct OrderPlaced {
    customer: String,
}

/// What happens after a failure; without it `Retry::DEFAULT` would decide. A policy looks at nothing but the failure.
fn as_printers_need(failure: &Failure<'_>) -> Next {
    match failure.error.code() {
        // Until somebody brings paper, trying again is of no use.
        Code::Conflict => Next::Dead,
        _ if failure.attempt < 5 => Next::Later(Duration::from_millis(10)),
        _ => Next::Dead,
    }
}

/// `retry(attempts = 5, first = "10ms")` would change some numbers of the default policy instead.
#[handler(once_per = "service", retry(with = as_printers_need))]
async fn print_label(event: OrderPlaced, printer: &Printer, cx: &Context) -> Result<()> {
    if !printer.has_paper.load(Ordering::Relaxed) {
        return Err(Error::conflict("the printer is out of paper"));
    }
    if cx.attempt() <= 2 {
        return Err(Error::unavailable("the printer warms up"));
    }
    printer.labels.send(format!("{}, at attempt {}", event.customer, cx.attempt())).await.or_internal()
}

#[derive(Clone)]
struct Printer {
    has_paper: Arc<AtomicBool>,
    labels: mpsc::Sender<String>,
}

/// A policy is a function: a test needs neither node nor clock.
fn a_printer_that_warms_up_has_five_attempts() {
    let [print_label] = handlers![print_label];
    let next = |error: &Error, attempt| {
        let mut failure = Failure::new(print_label.info(), MessageId::new(), error);
        failure.attempt = attempt;
        as_printers_need(&failure)
    };
    let warms_up = Error::unavailable("the printer warms up");
    assert_eq!(next(&warms_up, 4), Next::Later(Duration::from_millis(10)));
    assert_eq!(next(&warms_up, 5), Next::Dead);
    assert_eq!(next(&Error::conflict("the printer is out of paper"), 1), Next::Dead);
}

#[tokio::main]
async fn main() -> Result<()> {
    a_printer_that_warms_up_has_five_attempts();

    let (labels, mut printed) = mpsc::channel(16);
    let printer = Printer { has_paper: Arc::new(AtomicBool::new(true)), labels };
    let node = Catga::builder("orders").provide(printer.clone()).start().await?;

    node.publish(OrderPlaced { customer: "Ada".to_owned() }).await?;
    assert_eq!(printed.recv().await.as_deref(), Some("Ada, at attempt 3"));

    printer.has_paper.store(false, Ordering::Relaxed);
    node.publish(OrderPlaced { customer: "Grace".to_owned() }).await?;
    let letter = next_letter(&node).await?;
    println!("{} was given up after {} attempt: {}", letter.id, letter.attempts, letter.error());
    assert_eq!((letter.id.handler.as_str(), letter.attempts), ("OrderPlaced/print_label", 1));
    assert_eq!(letter.error().message(), "the printer is out of paper");

    // Once what was wrong is mended, the handler gets the same message again, its attempts counted anew.
    printer.has_paper.store(true, Ordering::Relaxed);
    assert!(node.dead_letters().replay(&letter.id, "the operator").await?);
    assert_eq!(printed.recv().await.as_deref(), Some("Grace, at attempt 3"));
    assert!(!node.dead_letters().replay(&letter.id, "the operator").await?, "the letter is gone");
    assert_eq!(node.dead_letters().decisions(1).await?[0].by, "the operator");

    node.shutdown().await
}

/// Waits for a dead letter.
async fn next_letter(node: &Node) -> Result<DeadLetter> {
    loop {
        if let Some(letter) = node.dead_letters().list(&Letters::default()).await?.letters.pop() {
            return Ok(letter);
        }
        sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn it_runs_to_its_end() {
    main().unwrap();
}
