use catga_core::{Request, Result, handler, retry::Failure};
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u32)]
struct Double(u32);

fn by_number(attempt: u32) -> bool {
    attempt < 3
}

fn by_failure(failure: &Failure<'_>) -> bool {
    failure.attempt < 3
}

#[handler(retry(with = by_number))]
async fn double(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

#[handler(retry(with = by_failure))]
async fn double_again(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

#[handler(retry(with = missing))]
async fn double_once_more(cmd: Double) -> Result<u32> {
    Ok(cmd.0 * 2)
}

fn main() {}
