use std::env::current_exe;
use std::process::Command;

use super::Line;

/// How many instructions one run of a line takes, by callgrind; `None` where valgrind isn't installed.
///
/// Two runs of this program, one with more rounds than the other: what differs is the rounds alone.
///
/// # Errors
///
/// What valgrind printed, if nothing can be read from it.
pub fn instructions(bench: &str, line: &Line) -> Result<Option<f64>, String> {
    const FEW: u64 = 1_000;
    const MANY: u64 = 11_000;
    let (Some(few), Some(many)) = (count(bench, line, FEW)?, count(bench, line, MANY)?) else { return Ok(None) };
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    Ok(Some(many.saturating_sub(few) as f64 / (MANY - FEW) as f64))
}

fn count(bench: &str, line: &Line, times: u64) -> Result<Option<u64>, String> {
    let program = current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([bench, "--run", line.name, "--times", &times.to_string()])
        .output();
    let Ok(output) = output else { return Ok(None) };
    let printed = String::from_utf8_lossy(&output.stderr);
    let collected = printed.lines().find_map(|line| line.split_once("Collected : ")).map(|(_, count)| count.trim());
    match collected.map(str::parse) {
        Some(Ok(count)) => Ok(Some(count)),
        _ => Err(format!("callgrind counted nothing for {}: {printed}", line.name)),
    }
}
