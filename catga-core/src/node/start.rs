use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::delivery::{Aside, Gaps, Gate};
use crate::error::{Code, Error, Result};
use crate::handler::{HandlerInfo, Subscription as Subscribes};
use crate::mediator::{Dispatch, Home};
use crate::message::Kind;
use crate::persistence::{self, Persistence};
use crate::runtime::{self, Tasks};
use crate::transport::{self, Member, Transport};

use super::checks;
use super::membership::{Loops, Membership};
use super::open_calls::OpenCalls;
use super::opening::Opening;
use super::{Links, Node, NodeSettings};

/// Starts a node: checks, then joins, then takes its first message.
pub(super) async fn start(dispatch: Dispatch, builder: NodeSettings) -> Result<Node> {
    let mut mistakes = mistakes(&dispatch, &builder);
    let (transport, persistence) = seams(builder.transport, builder.persistence);
    let node = builder.node_name.unwrap_or_else(|| format!("{}-{}", builder.service, random_end()));
    let cannot_start = |problems: Vec<String>| {
        Err(Error::several(
            Code::Validation,
            format!("a node of the service {:?} can't start", builder.service),
            problems,
        ))
    };
    let store = match persistence {
        Some(persistence) if mistakes.is_empty() => Some(persistence.open(&builder.cluster, &builder.service).await?),
        // It can't be opened under names like these; any store shows what else is wrong with the handlers.
        Some(_) => Some(persistence::InMemory::new().open("none", "none").await?),
        None => None,
    };
    let table = match dispatch.table(Some(&builder.roles), store.clone()) {
        Ok(table) if mistakes.is_empty() => table,
        Ok(_) => return cannot_start(mistakes),
        Err(problems) => {
            mistakes.extend(problems);
            return cannot_start(mistakes);
        }
    };
    let member = Member::new(builder.cluster, builder.service, node)?;
    if store.is_none() {
        warn_of_repetition(table.handlers());
    }
    let owned =
        table.handlers().iter().filter(|handler| handler.kind() != Kind::Event).map(|handler| handler.message());
    let member = member.owning(owned);
    let link = transport.join(member.clone()).await?;
    let endpoints = table.endpoints();
    let links = Links {
        member,
        link: link.clone(),
        store: store.clone(),
        routing: builder.routing,
        deadline: builder.deadline,
        keep_keys_for: builder.keep_keys_for,
        body_limit: builder.body_limit,
        retries: builder.retries,
        calls: OpenCalls::default(),
        cancellation: CancellationToken::new(),
    };
    let membership = Membership {
        home: Arc::new(Home::new(table, Some(links))),
        link,
        gate: Arc::new(Gate::default()),
        gaps: Arc::new(Gaps::default()),
        aside: Aside::default(),
        grace: builder.grace,
        stopping: CancellationToken::new(),
        flushing: CancellationToken::new(),
        loops: Loops::default(),
        runs: Tasks::default(),
        ended: Mutex::new(false),
    };
    let opening = Opening::new(&membership, builder.concurrency, store);
    if let Err(error) = opening.open(endpoints).await {
        // What can't be told to the transport it notices by itself.
        drop(membership.link.leave().await);
        return Err(error);
    }
    Ok(Node { membership: Arc::new(membership) })
}

/// The longest name of a role, in bytes: `#[handler(role = "…")]` takes none that is longer.
const MAX_ROLE: usize = 100;

/// How long idempotency keys may be kept; no store keeps anything for ever.
const KEYS_AT_MOST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// What is wrong with the names and the settings.
fn mistakes(dispatch: &Dispatch, builder: &NodeSettings) -> Vec<String> {
    let names = [("cluster", &builder.cluster), ("service", &builder.service)];
    let names = names.into_iter().chain(builder.node_name.iter().map(|name| ("node", name)));
    let names = names.filter_map(|(what, name)| transport::mistake_in(what, name, transport::MAX_NAME));
    let roles = builder.roles.iter().filter_map(|role| transport::mistake_in("role", role, MAX_ROLE));
    let mut mistakes: Vec<_> = names.chain(roles).collect();
    if builder.deadline.is_zero() {
        mistakes.push("the deadline is zero, so no node could answer in time: give it a longer one".to_owned());
    }
    mistakes.extend(checks::lacking_for_resume(dispatch, builder));
    if !(Duration::from_secs(1)..=KEYS_AT_MOST).contains(&builder.keep_keys_for) {
        mistakes
            .push("idempotency keys are kept from 1 second to 366 days: give `keep_keys_for` such a time".to_owned());
    }
    mistakes
}

/// What the node stands on. Where nothing is said, both are in memory; where only the transport is, there is no persistence.
fn seams(
    transport: Option<Arc<dyn Transport>>,
    persistence: Option<Arc<dyn Persistence>>,
) -> (Arc<dyn Transport>, Option<Arc<dyn Persistence>>) {
    match (transport, persistence) {
        (Some(transport), persistence) => (transport, persistence),
        (None, persistence) => (
            Arc::new(transport::InMemory::new()),
            Some(persistence.unwrap_or_else(|| Arc::new(persistence::InMemory::new()))),
        ),
    }
}

/// What makes a name differ from those of other nodes: the random bits of a UUID, as far as 8 hexadecimal digits show them.
fn random_end() -> String {
    runtime::new_uuid().as_bytes().iter().skip(12).map(|byte| format!("{byte:02x}")).collect()
}

fn warn_of_repetition(handlers: &[&'static HandlerInfo]) {
    for handler in handlers.iter().filter(|handler| handler.subscribes() == Subscribes::OncePerService) {
        tracing::warn!("{handler} runs at least once for each event, not exactly once: this node has no persistence");
    }
}
