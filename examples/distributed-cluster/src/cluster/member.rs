use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use axum::serve::ListenerExt;
use catga::{persistence, prelude::*, transport};
use tokio::{net::TcpListener, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::{
    cli::{Cli, Roles},
    http::{self, App},
    mail::Mailer,
    metrics::Metrics,
};

/// How long requests may go on after the end was asked for; a little more than a message's deadline.
const GRACE: Duration = Duration::from_secs(12);

/// A name and a port, taken for a node that is yet to start.
pub(super) struct Seat {
    name: String,
    roles: Roles,
    listener: TcpListener,
}

impl Seat {
    /// The seat at this place, from 0.
    ///
    /// # Errors
    ///
    /// `Unavailable`: the port can't be had.
    pub(super) async fn take(cli: &Cli, place: u8) -> Result<Self> {
        let port = cli.port_of(place);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| no_port(port, &error))?;
        Ok(Self { name: format!("node-{}", u16::from(place) + 1), roles: cli.roles_of(place), listener })
    }

    /// Starts the server, which answers from now on, then the node.
    ///
    /// # Errors
    ///
    /// What the node's start says.
    pub(super) async fn start(
        self,
        transport: transport::InMemory,
        persistence: persistence::InMemory,
        mailer: Mailer,
    ) -> Result<Member> {
        let Self { name, roles, listener } = self;
        let metrics = Metrics::new(&name)?;
        let app = App::new(&name, metrics.clone(), mailer.clone());
        let address = listener.local_addr()?;
        let close = CancellationToken::new();
        let server = {
            // Answers are small; waiting to fill a packet would only delay them.
            let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
            let router = http::router(app.clone(), roles.api);
            let server = axum::serve(listener, router).with_graceful_shutdown(close.clone().cancelled_owned());
            tokio::spawn(server.into_future())
        };
        let upkeep = tokio::spawn(metrics.clone().keep_up());
        let node = Catga::builder("orders")
            .cluster("example")
            .node_name(&name)
            .roles(roles.names())
            .routing(Routing::Balanced)
            .provide(mailer)
            .provide(metrics.clone())
            .behavior(metrics)
            .transport(transport)
            .persistence(persistence)
            .start()
            .await?;
        app.started(node.clone());
        Ok(Member { name, roles, address, app, node, server, upkeep, close })
    }
}

/// A node with its HTTP server.
pub(super) struct Member {
    name: String,
    roles: Roles,
    address: SocketAddr,
    app: App,
    node: Node,
    server: JoinHandle<io::Result<()>>,
    upkeep: JoinHandle<()>,
    close: CancellationToken,
}

impl Member {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn roles(&self) -> Roles {
        self.roles
    }

    pub(super) fn url(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }

    /// Takes no more requests.
    pub(super) fn close(&self) {
        self.app.drain();
        self.close.cancel();
    }

    /// Waits for the requests that are there, but not for ever.
    pub(super) async fn finish_requests(&mut self) {
        if timeout(GRACE, &mut self.server).await.is_err() {
            warn!(node = self.name, "Node {} still had requests after {GRACE:?}", self.name);
            self.server.abort();
        }
    }

    /// Shuts the node down.
    ///
    /// # Errors
    ///
    /// What it couldn't finish.
    pub(super) async fn shut_down(self) -> Result<()> {
        self.upkeep.abort();
        self.node.shutdown().await
    }
}

fn no_port(port: u16, error: &io::Error) -> Error {
    let what = match error.kind() {
        io::ErrorKind::AddrInUse => {
            format!("port {port} is in use; end the program that listens there, or choose other ports with --port")
        }
        io::ErrorKind::PermissionDenied => {
            format!("port {port} isn't for everybody; choose ports above 1023 with --port")
        }
        _ => format!("port {port} can't be had ({error}); choose other ports with --port"),
    };
    Error::unavailable(what)
}
