use tokio_util::sync::CancellationToken;

use crate::codec::BodyLimit;
use crate::context::Journal;
use crate::error::Result;
use crate::node::Links;
use crate::persistence;
use crate::retry::{Failure, Next, Retry};

use super::Table;

/// Where handlers run: their table, and the node around it if there is one.
pub(crate) struct Home {
    pub(crate) table: Table,
    links: Option<Links>,
}

/// What a mediator alone calls its node and its service.
const ALONE: &str = "local";

impl Home {
    pub(crate) fn new(table: Table, links: Option<Links>) -> Self {
        Self { table, links }
    }

    /// The node's ties to others; `None` for a mediator alone.
    #[inline(always)]
    pub(crate) fn links(&self) -> Option<&Links> {
        self.links.as_ref()
    }

    pub(crate) fn node_name(&self) -> &str {
        self.links.as_ref().map_or(ALONE, |links| links.node_name())
    }

    pub(crate) fn service(&self) -> &str {
        self.links.as_ref().map_or(ALONE, |links| links.service())
    }

    /// What ends running handlers when the node's grace period is over.
    pub(crate) fn cancellation(&self) -> Option<&CancellationToken> {
        self.links.as_ref().map(|links| links.cancellation())
    }

    /// How large a body may be.
    pub(crate) fn body_limit(&self) -> BodyLimit {
        self.links.as_ref().map_or_else(BodyLimit::default, |links| links.body_limit)
    }

    /// What happens after a handler has failed, by its own policy, its message's, the node's, or the default.
    pub(crate) fn after(&self, failure: &Failure<'_>) -> Next {
        self.links.as_ref().map_or_else(|| Retry::DEFAULT.next(failure), |links| links.retries.next(failure))
    }

    /// Commits what a handler wrote and published. Once begun it finishes, also when this future is dropped.
    pub(crate) async fn commit(&self, journal: Box<Journal>) -> Result<Committed> {
        match &self.links {
            Some(links) if !journal.is_idle() => links.commit(*journal).await,
            _ => Ok(Committed::Done),
        }
    }
}

/// What came of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Committed {
    /// All of it is stored.
    Done,
    /// None of it: somebody else changed what the handler had read.
    Moved,
}

impl From<Committed> for persistence::Committed {
    fn from(committed: Committed) -> Self {
        match committed {
            Committed::Done => Self::Done,
            Committed::Moved => Self::Moved,
        }
    }
}
