use std::time::Duration;

use crate::codec::Codec;
use crate::context::Context;
use crate::delivery::{Arrived, Came, Endpoint, answer};
use crate::envelope::Envelope;
use crate::error::{Code, Error, Result};
use crate::mediator::{Call, Sending};
use crate::message::{Kind, Request};
use crate::runtime;
use crate::transport::Frame;

use super::Links;

/// How long after a request's time is up its transport may take to say what became of it.
const TRANSPORT_SAYS_WITHIN: Duration = Duration::from_millis(250);

impl Links {
    /// Sends a command that can come again to its handler on this node: in an envelope like one that came by the transport, so that its
    /// mark is begun and its answer kept.
    pub(crate) async fn send_here<R: Request>(
        &self,
        call: Call<'_, R, Sending>,
        endpoint: &dyn Endpoint,
    ) -> Result<R::Response> {
        let Call { home, parent, message, options, .. } = call;
        let own = options.within().map(runtime::after);
        let senders = parent.and_then(Context::deadline);
        let deadline = own.into_iter().chain(senders).min();
        let envelope = self.seal_request(&message, parent, options)?;
        drop(message);
        let arrived = Arrived { parent, deadline, codec: envelope.codec, ..Arrived::new(&envelope, Came::Here) };
        answer(home, endpoint, arrived).await?.decode::<R>(self.body_limit)
    }

    /// Sends a request to a node of the service that owns it.
    ///
    /// A request whose shape the other side doesn't know is refused there before it runs, and sent again with names.
    pub(crate) async fn send<R: Request>(&self, call: Call<'_, R, Sending>) -> Result<R::Response> {
        let Call { parent, message, options, .. } = call;
        self.check_open(parent)?;
        let within = options.within().unwrap_or(self.deadline);
        let within = parent.and_then(Context::remaining).map_or(within, |left| left.min(within));
        let mut envelope = self.seal_request(&message, parent, options)?;
        envelope.headers_mut().time_left = Some(within);
        let deadline = runtime::after(within);
        match self.request::<R>(envelope.clone(), within).await {
            Err(error) if error.code() == Code::SchemaMismatch && envelope.codec.is_positional() => {
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
}

/// A query whose answer didn't come: whether it ran makes no difference, so it may be sent again.
#[cold]
fn unanswered(error: Error) -> Error {
    Error::timeout(error.message().to_owned()).retryable(true).with_source(error)
}
