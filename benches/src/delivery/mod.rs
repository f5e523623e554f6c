//! Delivery: what a message takes on its whole way within one process, and how the outbox moves when much waits in it.
//!
//! The whole way: a command is encoded and enqueued; a node takes it, begins its mark, and runs its handler, which inserts a document and publishes
//! an event; that is committed, and the delivery settled; the relay hands the event to the transport, whose other end sees it.

mod handlers;
mod lines;
mod outbox;

pub use outbox::Outbox;

use crate::measure::{Line, allocations, counted, medians};
use crate::report::Figure;

const BENCH: &str = "delivery";
/// Messages of a line in one round.
const TIMES: u64 = 10_000;
/// How many wait in the outbox.
const WAITING: u64 = 1_000_000;

/// The line of this name.
pub fn line(name: &str) -> Option<&'static Line> {
    lines::ALL.iter().find(|line| line.name == name)
}

/// Runs a line so many times.
///
/// # Errors
///
/// There is no such line.
pub fn run(name: &str, times: u64) -> Result<(), String> {
    (find(name)?.prepare)()(times);
    Ok(())
}

/// All figures.
///
/// # Errors
///
/// What stood in the way of measuring.
pub fn figures() -> Result<Vec<Figure>, String> {
    let mut figures = Vec::new();
    throughput(&mut figures, "the whole way, 64 in flight", ["by-hand", "delivery"], 0.33)?;
    let without = ["by-hand-without-maps", "delivery-without-persistence"];
    throughput(&mut figures, "without persistence, 64 in flight", without, 0.5)?;
    outbox(&mut figures)?;
    Ok(figures)
}

fn throughput(figures: &mut Vec<Figure>, what: &str, lines: [&str; 2], target: f64) -> Result<(), String> {
    let [by_hand, delivery] = lines;
    let per_second = medians([find(by_hand)?, find(delivery)?], TIMES).map(|nanoseconds| 1e9 / nanoseconds);
    figures.push(Figure::plain(BENCH, what, per_second[1], "/s").against(per_second[0]).at_least(target));
    let [by_hand, delivery] = [allocations(BENCH, by_hand)?, allocations(BENCH, delivery)?];
    figures.push(Figure::plain(BENCH, format!("{what}: allocations"), delivery, "").against(by_hand));
    Ok(())
}

fn outbox(figures: &mut Vec<Figure>) -> Result<(), String> {
    let rates = Outbox::fill(WAITING).rates();
    let [first, .., last] = rates[..] else { return Err("the outbox was emptied too fast to be seen".to_owned()) };
    let what = "1,000,000 waiting in the outbox";
    figures.push(
        Figure::plain(BENCH, format!("{what}: the last tenth, against the first"), last, "/s")
            .against(first)
            .at_least(0.9),
    );
    let kib = counted(BENCH, "outbox", WAITING)? / 1024.0;
    figures.push(Figure::plain(BENCH, format!("{what}: memory added meanwhile"), kib, "KiB").at_most(1024.0));
    Ok(())
}

fn find(name: &str) -> Result<&'static Line, String> {
    let names = || lines::ALL.iter().map(|line| line.name).collect::<Vec<_>>().join(", ");
    line(name).ok_or_else(|| format!("no line `{name}`; there are: {}", names()))
}
