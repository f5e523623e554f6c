//! An order service as a cluster of nodes in one process: the whole of Catga, small enough to read.
//!
//! `orders` is what the application is about, `http` how it is reached, `cluster` how its nodes start and end, `mail` what can go wrong. Begin with
//! `orders/handlers.rs`.

mod cli;
mod cluster;
mod http;
mod logs;
mod mail;
mod metrics;
mod orders;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = match Cli::from_args() {
        Ok(cli) => cli,
        Err(answer) => return answer.give(),
    };
    logs::start(cli.log_json);
    match cluster::run(&cli).await {
        Ok(end) => end.into(),
        Err(error) => {
            // Where even this can't be written, the exit code is left.
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}
