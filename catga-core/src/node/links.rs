use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::codec::{BodyLimit, Codec};
use crate::context::{Context, Journal, Outgoing, Route};
use crate::delivery::commit_resolved;
use crate::envelope::Envelope;
use crate::error::{Code, Error, Result};
use crate::mediator::{Call, Committed, Enqueuing, Options, Publishing, Routing, Sending};
use crate::message::{Event, Kind, Message, MessageId, Request};
use crate::persistence::{self, Store, StoredAnswer, Unit, UnitId, UnitMark};
use crate::retry::Retries;
use crate::runtime;
use crate::transport::{Frame, Link, Member};

use super::open_calls::OpenCalls;

/// How long after a request's time is up its transport may take to say what became of it.
const TRANSPORT_SAYS_WITHIN: Duration = Duration::from_millis(250);

/// A node's ties to others, and what it does by them.
pub(crate) struct Links {
    pub(crate) member: Member,
    pub(crate) link: Arc<dyn Link>,
    pub(crate) store: Option<Arc<dyn Store>>,
    pub(crate) routing: Routing,
    /// How long an answer may take where the call doesn't say.
    pub(crate) deadline: Duration,
    pub(crate) body_limit: BodyLimit,
    /// What happens after a handler has failed.
    pub(crate) retries: Retries,
    /// What handlers here do for callers here.
    pub(crate) calls: OpenCalls,
    /// Ends handlers when the grace period is over.
    pub(crate) cancellation: CancellationToken,
}

impl Links {
    pub(crate) fn node_name(&self) -> &str {
        self.member.node()
    }

    pub(crate) fn service(&self) -> &str {
        self.member.service()
    }

    pub(crate) fn cancellation(&self) -> &CancellationToken {
        &self.cancellation
    }

    pub(crate) fn store(&self) -> Option<&Arc<dyn Store>> {
        self.store.as_ref()
    }

    /// Whether a request for which this node has a handler is handled here.
    #[inline]
    pub(crate) fn keeps(&self, options: &Options) -> bool {
        options.asked_routing().unwrap_or(self.routing) == Routing::LocalFirst
    }

    /// Refuses a call that no handler made, if the node shuts down.
    #[inline]
    pub(crate) fn check_open(&self, parent: Option<&Context>) -> Result<()> {
        if parent.is_none() && self.calls.is_stopping() { Err(self.was_shut_down()) } else { Ok(()) }
    }

    #[cold]
    fn was_shut_down(&self) -> Error {
        Error::unavailable(format!("the node `{}` was shut down", self.node_name()))
    }

    /// Sends a request to a node of the service that owns it.
    ///
    /// A request whose shape the other side doesn't know is refused there before it runs, and sent again with names.
    pub(crate) async fn send<R: Request>(&self, call: Call<'_, R, Sending>) -> Result<R::Response> {
        let Call { parent, message, options, .. } = call;
        self.check_open(parent)?;
        let within = options.within().unwrap_or(self.deadline);
        let within = parent.and_then(Context::remaining).map_or(within, |left| left.min(within));
        let codec = Codec::Bincode.or_named::<R>();
        let mut envelope = self.seal(&message, codec, parent, options)?;
        envelope.headers_mut().time_left = Some(within);
        let deadline = runtime::after(within);
        match self.request::<R>(envelope.clone(), within).await {
            Err(error) if error.code() == Code::SchemaMismatch && codec.is_positional() => {
                let left = deadline.saturating_duration_since(runtime::now());
                let mut named = Envelope::of(envelope.id, &message, Codec::MessagePack, self.body_limit)?;
                *named.headers_mut() = envelope.headers().clone();
                named.headers_mut().time_left = Some(left);
                self.request::<R>(named, left).await
            }
            outcome => outcome,
        }
    }

    /// One request, until its time is up: the transport says what it knows then, and is given up on if it says nothing.
    async fn request<R: Request>(&self, envelope: Envelope, within: Duration) -> Result<R::Response> {
        let silent = Some(runtime::after(within.saturating_add(TRANSPORT_SAYS_WITHIN)));
        let outcome = match runtime::until(silent, self.exchange::<R>(envelope, within)).await {
            Some(outcome) => outcome,
            None => Err(Error::outcome_unknown(format!("the transport said nothing of `{}` in time", R::NAME))),
        };
        match outcome {
            Err(error) if error.code() == Code::OutcomeUnknown && R::KIND == Kind::Query => Err(unanswered(error)),
            outcome => outcome,
        }
    }

    async fn exchange<R: Request>(&self, envelope: Envelope, within: Duration) -> Result<R::Response> {
        let mut replies = self.link.request(envelope, within).await?;
        loop {
            match replies.next().await? {
                Frame::Working => (),
                Frame::Reply(reply) => return reply.decode::<R>(self.body_limit),
            }
        }
    }

    /// Publishes an event, outside of a handler: it is stored when this returns.
    pub(crate) async fn publish<E: Event>(&self, call: Call<'_, E, Publishing>) -> Result<()> {
        let Call { parent, message, options, .. } = call;
        self.check_open(parent)?;
        let envelope = self.seal(&message, Codec::MessagePack, parent, options)?;
        self.publish_sealed(envelope).await
    }

    async fn publish_sealed(&self, event: Envelope) -> Result<()> {
        let mut outcomes = self.link.publish(vec![event]).await;
        outcomes.pop().unwrap_or_else(|| Err(Error::internal("the transport gave no outcome for an event")))
    }

    /// Hands a command over, outside of a handler: it is stored when this returns.
    pub(crate) async fn enqueue<R: Request>(&self, call: Call<'_, R, Enqueuing>) -> Result<()> {
        let Call { parent, message, options, .. } = call;
        self.check_open(parent)?;
        let delay = options.delay().unwrap_or_default();
        let envelope = self.seal_stored(&message, parent, options)?;
        self.link.enqueue(envelope, delay).await
    }

    /// A message that will be stored, in its envelope: encoded with names.
    ///
    /// # Errors
    ///
    /// It is a query, which nobody would get the answer of; an option that isn't allowed; it can't be encoded, or is too large.
    pub(crate) fn seal_stored<M: Message>(
        &self,
        message: &M,
        parent: Option<&Context>,
        options: Options,
    ) -> Result<Envelope> {
        if M::KIND == Kind::Query {
            return Err(Error::validation(format!("`{}` is a query: it is sent, not enqueued", M::NAME)));
        }
        self.seal(message, Codec::MessagePack, parent, options)
    }

    fn seal<M: Message>(
        &self,
        message: &M,
        codec: Codec,
        parent: Option<&Context>,
        options: Options,
    ) -> Result<Envelope> {
        let facts = options.into_facts()?;
        let id = facts.as_deref().and_then(|facts| facts.id).unwrap_or_else(MessageId::new);
        let mut envelope = Envelope::of(id, message, codec, self.body_limit)?;
        if facts.is_none() && parent.is_none() {
            return Ok(envelope);
        }
        let headers = envelope.headers_mut();
        if let Some(facts) = facts {
            (headers.idempotency_key, headers.principal, headers.user) = (facts.key, facts.principal, facts.headers);
        }
        if let Some(parent) = parent {
            headers.correlation_id = Some(parent.correlation_id());
            headers.causation_id = Some(parent.message_id());
            headers.principal = headers.principal.take().or_else(|| parent.principal_text());
        }
        Ok(envelope)
    }

    /// Commits what a handler wrote and published; without a store, sends what it published. Once begun it finishes.
    pub(crate) async fn commit(&self, journal: Journal) -> Result<Committed> {
        let Some(store) = self.store.clone() else {
            return self.let_go(journal.into_outgoing()).await.map(|()| Committed::Done);
        };
        let unit = Unit { id: UnitId::new(), mark: UnitMark::None, journal, answer: StoredAnswer::default() };
        match commit_resolved(store, unit).await? {
            persistence::Committed::Moved => Ok(Committed::Moved),
            // A unit without a mark is neither lost nor done before.
            _ => Ok(Committed::Done),
        }
    }

    async fn let_go(&self, outgoing: Vec<Outgoing>) -> Result<()> {
        for Outgoing { envelope, route } in outgoing {
            match route {
                Route::Publish => self.publish_sealed(envelope).await?,
                Route::Enqueue { delay } => self.link.enqueue(envelope, delay.unwrap_or_default()).await?,
            }
        }
        Ok(())
    }
}

/// A query whose answer didn't come: whether it ran makes no difference, so it may be sent again.
#[cold]
fn unanswered(error: Error) -> Error {
    Error::timeout(error.message().to_owned()).retryable(true).with_source(error)
}
