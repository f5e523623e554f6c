use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use crate::codec::Codec;
use crate::envelope::Answer;
use crate::error::{Code, Error, Result};
use crate::mediator::Home;
use crate::message::Kind;
use crate::node::Links;
use crate::persistence::{Begun, Committed, MarkName, Store};
use crate::retry::{Failure, Next};
use crate::runtime;

use super::backoff::Backoff;
use super::claim::{Claim, LEASE};
use super::endpoint::{Arrived, Came, Endpoint, Ran};
use super::kept::unpack;
use super::marks;
use super::parcel::Through;
use super::progress::Progress;
use super::run::run;

/// How often a handler runs in one attempt while others change what it read.
const MAX_RUNS: u32 = 8;

/// The handling of one message by one handler: attempts, each of which begins the message's mark, runs the handler, and commits.
pub(super) struct Handling<'a> {
    pub(super) home: &'a Home,
    pub(super) endpoint: &'a dyn Endpoint,
    arrived: Arrived<'a>,
    under: Under<'a>,
}

/// What an attempt is committed under.
pub(super) enum Under<'a> {
    /// Nothing: it is a query, there is no store, or the handler only reads. What it published leaves.
    Nothing,
    /// The message's mark, begun before the run.
    Mark(&'a Links, &'a Arc<dyn Store>),
    /// The handler's position, which is at this event.
    Position(&'a Progress, u64),
}

/// What came of an attempt.
pub(super) enum Tried<'a> {
    /// The handler is through with it: now, or before.
    Through(Through, Result<Answer>),
    /// The handler failed, or what it did can't be committed as it is. Nothing was written.
    Failed(Failed<'a>),
    /// Somebody else holds its mark, for so long, unless it fails or renews.
    Busy(MarkName, Duration),
    /// What the handler needs is away, the store or the transport; no attempt is counted.
    Away(Error),
    /// The handler was stopped, or not begun: the lease was lost, the deadline is over, or the node shuts down. No attempt is counted.
    Stopped(Error),
}

/// What came of one run of the handler.
enum Run<'a> {
    /// The attempt ends so.
    Ended(Tried<'a>),
    /// Nothing was written, since what the handler read was changed: another run may follow at once.
    Moved(Option<Claim<'a>>),
}

/// A failed attempt.
pub(super) struct Failed<'a> {
    pub(super) error: Error,
    /// Which attempt it was, from 1.
    pub(super) attempt: u32,
    /// The mark, still held.
    pub(super) claim: Option<Claim<'a>>,
}

impl Failed<'_> {
    /// Frees the mark for another attempt.
    pub(super) async fn give_up(self, counts: bool) {
        if let Some(claim) = self.claim {
            claim.give_up(counts).await;
        }
    }
}

impl<'a> Handling<'a> {
    /// For one node of the service.
    pub(super) fn new(home: &'a Home, endpoint: &'a dyn Endpoint, arrived: Arrived<'a>) -> Self {
        let links = home.links().filter(|_| arrived.envelope.kind != Kind::Query);
        let under = match links.and_then(|links| Some((links, links.store()?))) {
            Some((links, store)) => Under::Mark(links, store),
            None => Under::Nothing,
        };
        Self { home, endpoint, arrived, under }
    }

    /// For a handler of this very node.
    pub(super) fn here(home: &'a Home, endpoint: &'a dyn Endpoint, arrived: Arrived<'a>, under: Under<'a>) -> Self {
        Self { home, endpoint, arrived, under }
    }

    pub(super) fn store(&self) -> Option<&'a Arc<dyn Store>> {
        self.home.links().and_then(|links| links.store())
    }

    /// What happens next, as the handler's policy says.
    pub(super) fn next(&self, failed: &Failed<'_>) -> Next {
        self.after(&failed.error, failed.attempt)
    }

    fn after(&self, error: &Error, attempt: u32) -> Next {
        let Arrived { envelope, came, .. } = self.arrived;
        let mut failure = Failure::new(self.endpoint.info(), envelope.id, error);
        (failure.headers, failure.attempt, failure.came) = (envelope.headers(), attempt, came.into());
        self.home.after(&failure)
    }

    /// Says that the handler failed, and what comes of it.
    pub(super) fn log(&self, failed: &Failed<'_>, then: &str) {
        let (handler, id, error) = (self.endpoint.info(), self.arrived.envelope.id, failed.error.chain());
        let node = self.home.node_name();
        tracing::warn!(node, %handler, %id, attempt = failed.attempt, %error, "a handler failed; {then}");
    }

    /// One attempt; `before` were made for this delivery already, which count where no mark counts them.
    pub(super) async fn attempt(&self, before: u32) -> Tried<'a> {
        let mut attempt = self.arrived.attempt.saturating_add(before);
        let mut runs = 1;
        loop {
            let ran = match &self.under {
                Under::Mark(links, store) => self.begin(links, store, &mut attempt).await,
                Under::Nothing | Under::Position(..) => self.run_unmarked(attempt).await,
            };
            match ran {
                Run::Ended(Tried::Failed(failed)) => return self.unless_away(failed).await,
                Run::Ended(tried) => return tried,
                Run::Moved(claim) if runs == MAX_RUNS => {
                    return Tried::Failed(Failed { error: self.overtaken(), attempt, claim });
                }
                Run::Moved(claim) => {
                    runs += 1;
                    if let Some(claim) = claim {
                        claim.give_up(false).await;
                    }
                }
            }
        }
    }

    /// A handler that reads from a store that is away fails through no fault of its own.
    async fn unless_away(&self, failed: Failed<'a>) -> Tried<'a> {
        let Some(store) = self.store().filter(|_| failed.error.code() == Code::Unavailable) else {
            return Tried::Failed(failed);
        };
        match store.health().await {
            Ok(()) => Tried::Failed(failed),
            Err(_) => {
                let error = failed.error.clone();
                failed.give_up(false).await;
                Tried::Away(error)
            }
        }
    }

    async fn run_unmarked(&self, attempt: u32) -> Run<'a> {
        let failed = |error| Run::Ended(Tried::Failed(Failed { error, attempt, claim: None }));
        if let Err(error) = marks::check_without_store(self.arrived.envelope, self.arrived.came) {
            return failed(error);
        }
        let begun = matches!(self.under, Under::Position(..));
        let arrived = Arrived { attempt, begun, ..self.arrived };
        let Some(Ran { outcome, journal }) = run(self.home, self.endpoint, arrived).await else {
            return Run::Ended(Tried::Stopped(cut_off()));
        };
        let answer = match outcome {
            Ok(answer) => answer,
            Err(error) => return failed(error),
        };
        let committed = match &self.under {
            Under::Position(progress, sequence) => progress.commit(*sequence, journal).await,
            Under::Nothing | Under::Mark(..) => self.home.commit(Box::new(journal)).await.map(Committed::from),
        };
        match committed {
            Ok(Committed::Done | Committed::DoneBefore(_)) => Run::Ended(Tried::Through(Through::seen(), Ok(answer))),
            Ok(Committed::Moved) => Run::Moved(None),
            Ok(Committed::Lost) => Run::Ended(Tried::Stopped(self.lease_lost())),
            Err(error) if is_elsewhere(&error) => Run::Ended(Tried::Away(error)),
            Err(error) => failed(error),
        }
    }

    /// An attempt for a message that isn't to run any more: it fails with this error, unless the handler is through with it.
    pub(super) async fn refuse(&self, error: Error) -> Tried<'a> {
        let before = self.arrived.attempt.saturating_sub(1);
        let Under::Mark(links, store) = &self.under else {
            return Tried::Failed(Failed { error, attempt: before, claim: None });
        };
        match self.claim(links, store, before).await {
            Ok((claim, nth)) => Tried::Failed(Failed { error, attempt: nth.saturating_sub(1), claim: Some(claim) }),
            Err(tried) => tried,
        }
    }

    async fn begin(&self, links: &Links, store: &'a Arc<dyn Store>, last: &mut u32) -> Run<'a> {
        match self.claim(links, store, *last).await {
            Ok((claim, nth)) => {
                // A caller that tries again with its key, or under its id, begins to count anew.
                if matches!(self.arrived.came, Came::Stored) {
                    *last = nth;
                }
                self.run_marked(claim, nth, *last).await
            }
            Err(tried) => Run::Ended(tried),
        }
    }

    /// Begins the mark: in this node's hands, with how many times it was begun, or what else there is to say of the `attempt`.
    async fn claim(
        &self,
        links: &Links,
        store: &'a Arc<dyn Store>,
        attempt: u32,
    ) -> std::result::Result<(Claim<'a>, u32), Tried<'a>> {
        let failed = |error| Tried::Failed(Failed { error, attempt, claim: None });
        let mark = match marks::mark(self.home, links, self.endpoint, self.arrived).await {
            Ok(mark) => mark,
            Err(error) => return Err(failed(error)),
        };
        let begun = store.begin(std::slice::from_ref(&mark), LEASE).await.map(|mut begun| begun.pop());
        Err(match begun {
            Ok(Some(Begun::New { token, attempt })) => {
                let claim = Claim::new(store, mark, token);
                if !self.arrived.is_over() {
                    return Ok((claim, attempt));
                }
                // The mark of another sending, which was done in time, may have been forgotten by now.
                claim.give_up(false).await;
                Tried::Stopped(self.too_late())
            }
            Ok(Some(Begun::Busy { left })) => Tried::Busy(mark.name, left),
            Ok(Some(Begun::Done(kept))) => Tried::Through(Through::seen(), unpack(&kept)),
            Ok(Some(Begun::Dead)) => Tried::Through(Through::seen(), Err(buried())),
            Ok(Some(Begun::KeyReused)) => failed(marks::reused(&mark)),
            Ok(None) => failed(Error::internal("the store began no mark, though it was asked to begin one")),
            // Whether it was begun or not: nothing ran.
            Err(error) => Tried::Away(Error::unavailable("the message couldn't be begun").with_source(error)),
        })
    }

    /// A run under a mark, as the mark counts it; `attempt` is what the policy is told.
    async fn run_marked(&self, claim: Claim<'a>, nth: u32, attempt: u32) -> Run<'a> {
        if let Some((error, attempt)) = self.crashed_too_often(attempt) {
            return Run::Ended(Tried::Failed(Failed { error, attempt, claim: Some(claim) }));
        }
        // What is kept outlives a deployment, so it is encoded with names.
        let arrived = Arrived { attempt: nth, begun: true, codec: Codec::MessagePack, ..self.arrived };
        let ran = match claim.while_renewed(pin!(run(self.home, self.endpoint, arrived))).await {
            Some(Some(ran)) => ran,
            Some(None) => {
                claim.give_up(false).await;
                return Run::Ended(Tried::Stopped(cut_off()));
            }
            None => return Run::Ended(Tried::Stopped(self.lease_lost())),
        };
        let answer = match &ran.outcome {
            Ok(answer) => answer.clone(),
            Err(error) => {
                let error = error.clone();
                return Run::Ended(Tried::Failed(Failed { error, attempt, claim: Some(claim) }));
            }
        };
        match claim.commit(ran).await {
            Ok(Committed::Done) => Run::Ended(Tried::Through(Through::seen(), Ok(answer))),
            Ok(Committed::DoneBefore(kept)) => Run::Ended(Tried::Through(Through::seen(), unpack(&kept))),
            Ok(Committed::Lost) => Run::Ended(Tried::Stopped(self.lease_lost())),
            Ok(Committed::Moved) => Run::Moved(Some(claim)),
            Err(error) if is_elsewhere(&error) => {
                claim.give_up(false).await;
                Run::Ended(Tried::Away(error))
            }
            Err(error) => Run::Ended(Tried::Failed(Failed { error, attempt, claim: Some(claim) })),
        }
    }

    /// Waits while somebody else holds this mark, at most for so long.
    pub(super) async fn wait(&self, mark: &MarkName, within: Duration) {
        let Under::Mark(_, store) = &self.under else { return };
        if let Err(error) = store.wait(mark, within).await {
            tracing::debug!(error = %error.chain(), "the store couldn't be asked to wait for a mark");
            runtime::sleep(within.min(Backoff::nth(1))).await;
        }
    }

    /// Whether the attempts before, which told nobody how they ended, were the last ones: then the message itself ends nodes. With how many there
    /// were.
    fn crashed_too_often(&self, attempt: u32) -> Option<(Error, u32)> {
        let before =
            attempt.checked_sub(1).filter(|before| *before > 0 && matches!(self.arrived.came, Came::Stored))?;
        let error = Error::internal(format!("{before} attempts of {} came to no end", self.endpoint.info()));
        let error = error.retryable(true);
        matches!(self.after(&error, before), Next::Dead | Next::Drop).then_some((error, before))
    }

    #[cold]
    fn overtaken(&self) -> Error {
        Error::conflict(format!(
            "what {} read was changed by others before it could commit, {MAX_RUNS} times in a row",
            self.endpoint.info()
        ))
        .retryable(true)
    }

    #[cold]
    fn too_late(&self) -> Error {
        Error::timeout(format!("the deadline was over before {} could begin", self.endpoint.info()))
    }

    #[cold]
    fn lease_lost(&self) -> Error {
        Error::outcome_unknown(format!(
            "this node lost its lease, so {} was stopped; another node may run it",
            self.endpoint.info()
        ))
    }
}

/// Whether an error tells of the store or the transport, not of what the handler did.
fn is_elsewhere(error: &Error) -> bool {
    matches!(error.code(), Code::Unavailable | Code::OutcomeUnknown | Code::OutboxFull)
}

#[cold]
fn cut_off() -> Error {
    Error::cancelled("the node was shut down before the handler was done").retryable(true)
}

#[cold]
fn buried() -> Error {
    Error::internal("the message is a dead letter, or was discarded")
}
