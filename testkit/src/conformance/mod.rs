//! What every implementation of a seam must show: a suite for each seam, in it a function for each property, named as what it shows.
//!
//! One line makes a test of each property, for an implementation whose tests provide a small harness. A property that a harness can't
//! provide for is listed as not run, with the reason.

pub mod node;
pub mod persistence;
pub mod transport;

use std::future::Future;
use std::io::Write;
use std::time::Duration;

/// Which clock a suite runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// One that goes on only when nobody has anything to do, and then at once.
    Virtual,
    /// The machine's.
    Real,
}

/// Why a property isn't run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotRun(pub &'static str);

/// What a property returns: nothing, or that it couldn't be run.
pub trait Verdict {
    /// Why it wasn't run, if it wasn't.
    fn not_run(self) -> Option<NotRun>;
}

impl Verdict for () {
    fn not_run(self) -> Option<NotRun> {
        None
    }
}

impl Verdict for Result<(), NotRun> {
    fn not_run(self) -> Option<NotRun> {
        self.err()
    }
}

/// How long a property may take, on the suite's clock.
const AT_MOST: Duration = Duration::from_secs(30 * 60);

/// Runs one property to its end, on one thread. One that wasn't run is said on the standard error stream, past the test runner's capture.
///
/// # Panics
///
/// The property doesn't hold, or comes to no end within half an hour; or there is no runtime to be had.
pub fn run<V: Verdict>(clock: Clock, property: &str, shown: impl Future<Output = V>) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(clock == Clock::Virtual).build().expect("a runtime");
    let shown = runtime.block_on(async { tokio::time::timeout(AT_MOST, shown).await });
    let shown = shown.unwrap_or_else(|_| panic!("`{property}` comes to no end"));
    if let Some(NotRun(why)) = shown.not_run() {
        let line = format!("not run: {property}: {why}\n");
        // At once, so that lines of others don't come between; and who closed the stream doesn't want to know.
        drop(std::io::stderr().write_all(line.as_bytes()));
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// A property that no suite names would never be run.
    #[test]
    fn each_property_is_in_its_suite() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/conformance");
        for room in ["node", "persistence", "transport"] {
            let room = here.join(room);
            let suite = fs::read_to_string(room.join("mod.rs")).unwrap();
            let (_, listed) = suite.split_once("macro_rules!").unwrap();
            let listed: Vec<_> = listed.split_whitespace().collect();
            let mut count = 0;
            for file in fs::read_dir(&room).unwrap() {
                let source = fs::read_to_string(file.unwrap().path()).unwrap();
                let properties = source.lines().filter_map(|line| line.strip_prefix("pub async fn ")?.split_once('<'));
                for (property, _) in properties {
                    assert!(listed.contains(&property), "{} has `{property}`, and its suite doesn't", room.display());
                    count += 1;
                }
            }
            assert!(count > 5, "{}: its properties should be found", room.display());
        }
    }
}
