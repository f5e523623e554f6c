//! The command line: what may be said, and one line for whoever says something else.

use std::{
    fmt,
    io::{self, Write},
    process::ExitCode,
    str::FromStr,
};

use clap::{Parser, error::ErrorKind};

/// A cluster of nodes that take orders over HTTP, all in this process.
///
/// With no arguments: three nodes on the ports 5001, 5002 and 5003, each of them able to do everything. Send an order to any of them: one
/// node creates it, all of them receive the event, and each can show it. At its start the program prints lines to try this with.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = AFTER)]
pub(crate) struct Cli {
    /// How many nodes
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=16))]
    pub(crate) nodes: u8,

    /// The first node's port; the others take those after it. With 0 each takes a free one and prints it
    #[arg(long, value_name = "P", default_value_t = 5001)]
    pub(crate) port: u16,

    /// The roles of each node, node by node: `api` serves /orders, `worker` creates and ships, `api+worker` does both. All nodes do both
    /// if this is left out
    #[arg(long, value_name = "ROLES", value_delimiter = ',')]
    roles: Vec<Roles>,

    /// Log one JSON object a line, for a program to read
    #[arg(long)]
    pub(crate) log_json: bool,
}

const AFTER: &str = "\
Examples:
  distributed-cluster                           three nodes, each doing everything
  distributed-cluster --roles api,api,worker    two that take requests, one that works them off
  distributed-cluster --nodes 5 --port 8000     five nodes on the ports 8000 to 8004

Each node serves /orders, /health, /metrics, /openapi.json, and /docs for reading in a browser.
RUST_LOG says what is logged (`debug`, `catga=trace`); NO_COLOR turns colours off.
Ctrl-C or SIGTERM finishes what runs and ends; a second one ends at once.";

impl Cli {
    /// Reads the arguments of this process.
    ///
    /// # Errors
    ///
    /// What to answer instead of running: the help, or what is wrong.
    pub(crate) fn from_args() -> Result<Self, Answer> {
        Self::try_parse().map_err(Answer::from).and_then(Self::checked)
    }

    /// The roles of the node at this place, from 0.
    pub(crate) fn roles_of(&self, place: u8) -> Roles {
        self.roles.get(usize::from(place)).copied().unwrap_or(Roles::ALL)
    }

    /// The port of the node at this place, from 0.
    pub(crate) fn port_of(&self, place: u8) -> u16 {
        // `checked` has seen that the last one fits.
        if self.port == 0 { 0 } else { self.port + u16::from(place) }
    }

    /// Refuses what can't be seen by looking at one argument.
    fn checked(self) -> Result<Self, Answer> {
        let Self { nodes, port, .. } = self;
        if port.checked_add(u16::from(nodes) - 1).is_none() {
            return Err(Answer::wrong(format!(
                "--port {port} leaves no room for {nodes} nodes below 65536; choose a lower one"
            )));
        }
        if !self.roles.is_empty() && self.roles.len() != usize::from(nodes) {
            let named = self.roles.len();
            return Err(Answer::wrong(format!(
                "--roles names the roles of {named}, but --nodes is {nodes}; name those of each node, separated by commas"
            )));
        }
        if !self.roles.is_empty() && !self.roles.iter().any(|roles| roles.worker) {
            return Err(Answer::wrong(
                "--roles has no `worker`, so nobody would create an order; give at least one node that role",
            ));
        }
        Ok(self)
    }
}

/// What one node does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Roles {
    /// It serves /orders.
    pub(crate) api: bool,
    /// It has the handlers of commands.
    pub(crate) worker: bool,
}

impl Roles {
    const ALL: Self = Self { api: true, worker: true };

    /// Their names, for a node's builder.
    pub(crate) fn names(self) -> impl Iterator<Item = &'static str> {
        [(self.api, "api"), (self.worker, "worker")].into_iter().filter_map(|(has, name)| has.then_some(name))
    }
}

impl FromStr for Roles {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut roles = Self { api: false, worker: false };
        for name in text.split('+') {
            match name {
                "api" => roles.api = true,
                "worker" => roles.worker = true,
                _ => return Err("write `api`, `worker` or `api+worker` for each node"),
            }
        }
        Ok(roles)
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().collect::<Vec<_>>().join("+"))
    }
}

/// What is answered to arguments that don't start the cluster.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The help or the version, which were asked for.
    Asked(String),
    /// What is wrong, in one line.
    Wrong(String),
}

impl Answer {
    fn wrong(what: impl Into<String>) -> Self {
        Self::Wrong(what.into())
    }

    /// Prints it.
    pub(crate) fn give(self) -> ExitCode {
        // Whoever closed the output doesn't want to read it.
        match self {
            Self::Asked(text) => {
                let _ = write!(io::stdout(), "{text}");
                ExitCode::SUCCESS
            }
            Self::Wrong(what) => {
                let _ = writeln!(io::stderr(), "error: {what}; --help says more");
                ExitCode::from(2)
            }
        }
    }
}

impl From<clap::Error> for Answer {
    fn from(error: clap::Error) -> Self {
        if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
            return Self::Asked(error.render().to_string());
        }
        // clap writes the error, maybe tips, then the usage, in paragraphs.
        let text = error.render().to_string();
        let lines =
            text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
        let line = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ");
        Self::Wrong(line.strip_prefix("error: ").unwrap_or(&line).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &str) -> Result<Cli, Answer> {
        let arguments = std::iter::once("distributed-cluster").chain(arguments.split_whitespace());
        Cli::try_parse_from(arguments).map_err(Answer::from).and_then(Cli::checked)
    }

    fn wrong(arguments: &str) -> String {
        match parse(arguments) {
            Err(Answer::Wrong(what)) => what,
            other => panic!("{arguments} should be wrong: {other:?}"),
        }
    }

    #[test]
    fn without_arguments_three_nodes_do_everything() {
        let cli = parse("").unwrap();
        assert_eq!((cli.nodes, cli.port, cli.log_json), (3, 5001, false));
        assert_eq!([0, 1, 2].map(|place| cli.port_of(place)), [5001, 5002, 5003]);
        assert_eq!(cli.roles_of(2), Roles::ALL);
    }

    #[test]
    fn roles_are_given_node_by_node() {
        let cli = parse("--roles api,api+worker,worker").unwrap();
        assert_eq!([0, 1, 2].map(|place| cli.roles_of(place).to_string()), ["api", "api+worker", "worker"]);
    }

    #[test]
    fn port_0_is_0_for_each_node() {
        assert_eq!(parse("--port 0").unwrap().port_of(2), 0);
    }

    #[test]
    fn what_is_wrong_is_one_line_that_names_it() {
        for (arguments, named) in [
            ("--nods 3", "'--nods'"),
            ("--nodes 0", "'--nodes <N>'"),
            ("--nodes 17", "17 is not in 1..=16"),
            ("--nodes", "'--nodes <N>'"),
            ("--port 65536", "'--port <P>'"),
            ("--port 65534", "--port 65534"),
            ("--roles api", "--roles"),
            ("--roles api,api,boss", "'boss'"),
            ("--roles api,api,api", "`worker`"),
            ("orders", "'orders'"),
        ] {
            let what = wrong(arguments);
            assert!(what.contains(named) && !what.contains('\n'), "{arguments}: {what}");
        }
    }
}
