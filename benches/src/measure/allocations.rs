use std::env::current_exe;
use std::process::Command;

/// Allocations of one run of a line, counted over many by the program beside this one.
///
/// # Errors
///
/// That program can't be run, or printed no count.
pub fn allocations(bench: &str, line: &str) -> Result<f64, String> {
    const MANY: u32 = 10_000;
    Ok(counted(bench, line, MANY.into())? / f64::from(MANY))
}

/// What the program that counts allocations prints of so many runs.
///
/// # Errors
///
/// As for [`allocations`].
pub fn counted(bench: &str, line: &str, times: u64) -> Result<f64, String> {
    let program = current_exe().map_err(|error| error.to_string())?.with_file_name("catga-benches-counted");
    let output = Command::new(&program).args([bench, line, &times.to_string()]).output();
    let output = output.map_err(|error| format!("{} can't be run: {error}", program.display()))?;
    let printed = String::from_utf8_lossy(&output.stdout);
    printed.trim().parse().map_err(|_| format!("not a count: {printed:?}"))
}
