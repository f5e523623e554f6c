//! In-process dispatch: a send and a publish against bare calls, what a behavior adds, start-up, and a message's encoding.

mod handlers;
mod lines;
mod thousand;

use std::time::{Duration, Instant};

use crate::measure::{Line, allocations, instructions, medians};
use crate::report::Figure;

const BENCH: &str = "dispatch";
/// Runs of a line in one round: so few that a round is far shorter than the time after which a busy machine takes the processor away.
/// Longer ones fall into step with that, and then nearly each round of the same line is hit.
const TIMES: u64 = 5_000;

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
    times(&mut figures)?;
    for name in ["send", "publish", "behaviors-4"] {
        figures.push(Figure::plain(BENCH, format!("{name}: allocations"), allocations(BENCH, name)?, "").at_most(0.0));
    }
    for line in lines::ALL {
        if let Some(count) = instructions(BENCH, line)? {
            let figure = Figure::plain(BENCH, format!("{}: instructions", line.name), count, "");
            figures.push(if line.name == "send" { figure.at_most(300.0) } else { figure });
        }
    }
    figures.push(Figure::plain(BENCH, "start-up with 1,000 handlers", start_up(), "ms").at_most(5.0));
    Ok(figures)
}

fn times(figures: &mut Vec<Figure>) -> Result<(), String> {
    let [bare, plain, send] = medians([find("bare")?, find("plain")?, find("send")?], TIMES);
    figures.push(Figure::plain(BENCH, "send, 1,000 handlers", send, "ns").against(bare).at_most(1.3));
    figures.push(Figure::plain(BENCH, "send, against a plain function", send, "ns").against(plain));

    let [bare, publish] = medians([find("bare-3")?, find("publish")?], TIMES);
    figures.push(Figure::plain(BENCH, "publish to 3 handlers", publish, "ns").against(bare).at_most(1.3));

    let [bare, none, one, four] =
        medians([find("bare")?, find("behaviors-0")?, find("behaviors-1")?, find("behaviors-4")?], TIMES);
    figures.push(Figure::plain(BENCH, "the first no-op behavior adds", one - none, "ns").against(bare));
    figures.push(
        Figure::plain(BENCH, "each no-op behavior adds, of 4", (four - none) / 4.0, "ns").against(bare).at_most(0.5),
    );

    let [bare, envelope] = medians([find("bare-order")?, find("order")?], TIMES / 10);
    figures.push(Figure::plain(BENCH, "encode and decode an order", envelope, "ns").against(bare).at_most(1.3));
    Ok(())
}

fn find(name: &str) -> Result<&'static Line, String> {
    line(name).ok_or_else(|| format!("no line `{name}`; there are: {}", names().join(", ")))
}

fn names() -> Vec<&'static str> {
    lines::ALL.iter().map(|line| line.name).collect()
}

/// The median time in which a mediator with a thousand handlers is built, in milliseconds.
fn start_up() -> f64 {
    let mut rounds: Vec<Duration> = (0..15)
        .map(|_| {
            let begun = Instant::now();
            let mediator = handlers::mediator(0);
            let took = begun.elapsed();
            assert!(mediator.handlers().len() >= 1_000, "the handlers are linked");
            took
        })
        .collect();
    rounds.sort();
    rounds[7].as_secs_f64() * 1_000.0
}
