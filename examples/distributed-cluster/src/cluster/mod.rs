//! The cluster: takes the ports, starts the nodes, tells people where they are, and ends them when a signal asks for it.

mod announce;
mod member;
mod signals;

use std::process::ExitCode;

use catga::{Result, persistence, transport};
use tokio::select;
use tracing::info;

use crate::{cli::Cli, mail::Mailer};

use member::{Member, Seat};
use signals::Signals;

/// How the cluster has ended.
pub(crate) enum End {
    /// What ran was finished.
    Finished,
    /// A second signal came before that.
    AtOnce,
}

impl From<End> for ExitCode {
    fn from(end: End) -> Self {
        match end {
            End::Finished => Self::SUCCESS,
            // What a shell makes of SIGINT.
            End::AtOnce => Self::from(130),
        }
    }
}

/// Runs the cluster until it is asked to end.
///
/// # Errors
///
/// A port isn't free, or a node can't start: the message says which, and what to do.
pub(crate) async fn run(cli: &Cli) -> Result<End> {
    let mut signals = Signals::listen()?;
    let members = select! {
        members = start(cli) => members?,
        () = signals.next() => return Ok(End::AtOnce),
    };
    if cli.log_json {
        announce::to_programs(&members);
    } else {
        announce::to_people(&members)?;
    }
    signals.next().await;
    info!("shutting down: what runs is finished; a second signal ends at once");
    select! {
        ended = end(members) => ended.map(|()| End::Finished),
        () = signals.next() => Ok(End::AtOnce),
    }
}

async fn start(cli: &Cli) -> Result<Vec<Member>> {
    // All ports before any node, so that nothing is half started.
    let mut seats = Vec::new();
    for place in 0..cli.nodes {
        seats.push(Seat::take(cli, place).await?);
    }
    // What the nodes have in common: nothing but these two.
    let (transport, persistence) = (transport::InMemory::new(), persistence::InMemory::new());
    // Outside of the cluster.
    let mailer = Mailer::default();
    let mut members = Vec::new();
    for seat in seats {
        members.push(seat.start(transport.clone(), persistence.clone(), mailer.clone()).await?);
    }
    Ok(members)
}

/// First all servers, then all nodes: a request that came in by one node may run on another.
async fn end(mut members: Vec<Member>) -> Result<()> {
    for member in &members {
        member.close();
    }
    for member in &mut members {
        member.finish_requests().await;
    }
    let mut ended = Ok(());
    for member in members {
        // Each one shuts down, whatever the one before said.
        ended = ended.and(member.shut_down().await);
    }
    ended
}
